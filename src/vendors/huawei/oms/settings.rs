//! The settings that a task is created with, except for the access keys of its buckets, which are
//! not kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::wire::JsonObject;
use crate::wire::error::ApiError;
use crate::world::draw::{Draws, Seed, Stream};
use crate::world::names::Locale;

/// A setting that is one of several names on the wire.
pub(super) trait WireName: Sized {
    const NAMES: &'static [&'static str];

    fn from_name(name: &str) -> Option<Self>;

    /// The member of a body; an empty one counts as not sent.
    fn from_member(body: &JsonObject<'_>, name: &str) -> Result<Option<Self>, ApiError> {
        Ok(body.choice(name, Self::NAMES)?.and_then(Self::from_name))
    }
}

/// An enum with the given names on the wire.
macro_rules! wire_enum {
    ($(#[$about:meta])* $name:ident { $($variant:ident = $wire:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub(crate) enum $name {
            $(#[serde(rename = $wire)] $variant,)+
        }

        impl $crate::vendors::huawei::oms::settings::WireName for $name {
            const NAMES: &'static [&'static str] = &[$($wire),+];

            fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($wire => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
pub(super) use wire_enum;

// Values as in huaweicloudsdkoms 3.1.219.
wire_enum! {
    /// The cloud of the source bucket.
    CloudType {
        Aws = "AWS",
        Azure = "Azure",
        Aliyun = "Aliyun",
        Tencent = "Tencent",
        HuaweiCloud = "HuaweiCloud",
        QingCloud = "QingCloud",
        KingsoftCloud = "KingsoftCloud",
        Baidu = "Baidu",
        Qiniu = "Qiniu",
        UCloud = "UCloud",
    }
}
wire_enum! {
    /// When an object of the same name in the destination is overwritten.
    OverwriteMode {
        Never = "NO_OVERWRITE",
        IfNewer = "SIZE_LAST_MODIFIED_COMPARISON_OVERWRITE",
        IfCrcDiffers = "CRC64_COMPARISON_OVERWRITE",
        Always = "FULL_OVERWRITE",
    }
}
wire_enum! {
    /// The storage class of the objects that are written.
    StoragePolicy {
        Standard = "STANDARD",
        InfrequentAccess = "IA",
        Archive = "ARCHIVE",
        DeepArchive = "DEEP_ARCHIVE",
        AsSource = "SRC_STORAGE_MAPPING",
    }
}
wire_enum! {
    /// The way copies are compared with their originals.
    ConsistencyCheck {
        SizeLastModified = "size_last_modified",
        Crc64 = "crc64",
        NoCheck = "no_check",
    }
}
wire_enum! {
    Protocol {
        Http = "http",
        Https = "https",
    }
}
wire_enum! {
    AuthenticationType {
        None = "NONE",
        Qiniu = "QINIU_PRIVATE_AUTHENTICATION",
        AliyunA = "ALIYUN_OSS_A",
        AliyunB = "ALIYUN_OSS_B",
        AliyunC = "ALIYUN_OSS_C",
        Ksyun = "KSYUN_PRIVATE_AUTHENTICATION",
        AzureSas = "AZURE_SAS_TOKEN",
        TencentA = "TENCENT_COS_A",
        TencentB = "TENCENT_COS_B",
        TencentC = "TENCENT_COS_C",
        TencentD = "TENCENT_COS_D",
    }
}

/// Names as on the wire. The event of a created task has the same form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) src_cloud_type: CloudType,
    pub(crate) src_region: String,
    pub(crate) src_bucket: String,
    pub(crate) dst_region: String,
    pub(crate) dst_bucket: String,
    #[serde(default)]
    pub(crate) description: String,
    /// Older clients send it and expect it in answers (go SDK as Terraform's provider has it).
    /// None if the client that created the task did not send it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) enable_kms: Option<bool>,
    pub(crate) enable_metadata_migration: bool,
    pub(crate) enable_restore: bool,
    /// Only for Tencent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) app_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source_cdn: Option<SourceCdn>,
    pub(crate) object_overwrite_mode: OverwriteMode,
    pub(crate) dst_storage_policy: StoragePolicy,
    pub(crate) consistency_check: ConsistencyCheck,
}

/// The CDN that objects are fetched from, if not from the source bucket itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceCdn {
    #[schemars(length(min = 1, max = 255))]
    pub(crate) domain: String,
    pub(crate) protocol: Protocol,
    pub(crate) authentication_type: AuthenticationType,
}

/// Clouds of source buckets, the weight of each, and names of its regions.
const SOURCES: [(CloudType, u64, &[&str]); 10] = [
    (CloudType::Aliyun, 10, &["cn-beijing", "cn-hangzhou", "cn-shanghai", "cn-shenzhen"]),
    (CloudType::Tencent, 4, &["ap-beijing", "ap-guangzhou", "ap-shanghai"]),
    (CloudType::HuaweiCloud, 3, &["cn-north-1", "cn-south-1", "ap-southeast-3"]),
    (CloudType::Aws, 3, &["ap-southeast-1", "cn-north-1", "us-east-1"]),
    (CloudType::Qiniu, 2, &["z0", "z1", "z2"]),
    (CloudType::Baidu, 1, &["bj", "gz", "su"]),
    (CloudType::KingsoftCloud, 1, &["BEIJING", "GUANGZHOU", "SHANGHAI"]),
    (CloudType::QingCloud, 1, &["pek3b", "sh1a"]),
    (CloudType::UCloud, 1, &["cn-bj", "cn-gd", "cn-sh2"]),
    (CloudType::Azure, 1, &["chinaeast2", "chinanorth3"]),
];
/// Regions that have synchronization tasks (vendor's pages).
const DESTINATIONS: [&str; 3] = ["cn-north-4", "cn-east-3", "cn-southwest-2"];
/// Bucket contents: name, Chinese and English description.
const CONTENTS: [(&str, &str, &str); 8] = [
    ("images", "商品图片", "Product images"),
    ("media", "音视频文件", "Audio and video"),
    ("logs", "应用日志归档", "Archive of application logs"),
    ("backup", "数据库备份", "Database backups"),
    ("reports", "每日报表", "Daily reports"),
    ("static", "静态网站资源", "Static files of the web site"),
    ("invoices", "电子发票", "Invoices"),
    ("uploads", "用户上传文件", "Uploads of users"),
];

impl Settings {
    /// The settings that are drawn for an index, with the given cloud if there is one.
    #[expect(
        clippy::expect_used,
        reason = "the table has every cloud, and the draw is below its sum"
    )]
    pub(crate) fn drawn(seed: Seed, index: u64, locale: Locale, cloud: Option<CloudType>) -> Self {
        let mut draws = Draws::new(seed, Stream::named("oms.task.settings"), index);
        let mut drawn = draws.below(SOURCES.iter().map(|(_, weight, _)| weight).sum());
        let source = SOURCES.iter().find(|&&(source, weight, _)| match cloud {
            Some(cloud) => cloud == source,
            None if drawn < weight => true,
            None => {
                drawn -= weight;
                false
            }
        });
        let (src_cloud_type, _, regions) = *source.expect("a source of each cloud");
        let (content, chinese, english) = pick(&CONTENTS, &mut draws);
        let bucket = format!("{content}-{:04x}", draws.below(1 << 16));
        let has_description = draws.chance(2, 3);
        // Only these three clouds support it (python SDK 3.1.219).
        let has_crc = matches!(
            src_cloud_type,
            CloudType::Aliyun | CloudType::Tencent | CloudType::HuaweiCloud
        );
        let uses_crc = has_crc && draws.chance(1, 4);
        Self {
            src_cloud_type,
            src_region: pick(regions, &mut draws).to_owned(),
            dst_region: pick(&DESTINATIONS, &mut draws).to_owned(),
            dst_bucket: format!("{bucket}-obs"),
            description: if has_description { locale.choose(chinese, english) } else { "" }
                .to_owned(),
            enable_kms: None,
            enable_metadata_migration: draws.chance(1, 3),
            enable_restore: draws.chance(1, 5),
            app_id: (src_cloud_type == CloudType::Tencent)
                .then(|| format!("125{:07}", draws.below(10_000_000))),
            source_cdn: draws.chance(1, 6).then(|| SourceCdn {
                domain: format!("{bucket}.cdn.example.com"),
                protocol: if draws.chance(3, 4) { Protocol::Https } else { Protocol::Http },
                authentication_type: AuthenticationType::None,
            }),
            object_overwrite_mode: match draws.below(10) {
                0 => OverwriteMode::Never,
                1 => OverwriteMode::Always,
                _ if uses_crc => OverwriteMode::IfCrcDiffers,
                _ => OverwriteMode::IfNewer,
            },
            dst_storage_policy: match draws.below(10) {
                0 => StoragePolicy::Archive,
                1 | 2 => StoragePolicy::InfrequentAccess,
                3 => StoragePolicy::AsSource,
                _ => StoragePolicy::Standard,
            },
            consistency_check: if uses_crc {
                ConsistencyCheck::Crc64
            } else {
                ConsistencyCheck::SizeLastModified
            },
            src_bucket: bucket,
        }
    }
}

fn pick<T: Copy>(from: &[T], draws: &mut Draws) -> T {
    from[draws.below(from.len() as u64) as usize]
}
