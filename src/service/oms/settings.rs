//! What a task is set up with: what its creator says of it, but for the keys to both sides,
//! which nobody keeps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::world::draw::{Draws, Seed, Stream};
use crate::world::names::Tongue;

/// An enum that is spelt on the wire as given.
macro_rules! spelt {
    ($(#[$about:meta])* $name:ident { $($variant:ident = $wire:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $(#[serde(rename = $wire)] $variant,)+
        }

        impl $name {
            pub const NAMES: &'static [&'static str] = &[$($wire),+];

            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($wire => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

// Values as in huaweicloudsdkoms 3.1.219.
spelt! {
    /// Whose the source is.
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
spelt! {
    /// When an object of the same name is overwritten.
    OverwriteMode {
        Never = "NO_OVERWRITE",
        IfNewer = "SIZE_LAST_MODIFIED_COMPARISON_OVERWRITE",
        IfCrcDiffers = "CRC64_COMPARISON_OVERWRITE",
        Always = "FULL_OVERWRITE",
    }
}
spelt! {
    /// The storage class of what is written.
    StoragePolicy {
        Standard = "STANDARD",
        InfrequentAccess = "IA",
        Archive = "ARCHIVE",
        DeepArchive = "DEEP_ARCHIVE",
        AsSource = "SRC_STORAGE_MAPPING",
    }
}
spelt! {
    /// How objects are compared once they are there.
    ConsistencyCheck {
        SizeLastModified = "size_last_modified",
        Crc64 = "crc64",
        NoCheck = "no_check",
    }
}
spelt! {
    Protocol {
        Http = "http",
        Https = "https",
    }
}
spelt! {
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

/// Names as on the wire; also how the journal keeps a task that was created.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub src_cloud_type: CloudType,
    pub src_region: String,
    pub src_bucket: String,
    pub dst_region: String,
    pub dst_bucket: String,
    #[serde(default)]
    pub description: String,
    /// Older clients send it and want it back (go SDK as Terraform's provider has it); none
    /// if its creator did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_kms: Option<bool>,
    pub enable_metadata_migration: bool,
    pub enable_restore: bool,
    /// Of Tencent alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_cdn: Option<SourceCdn>,
    pub object_overwrite_mode: OverwriteMode,
    pub dst_storage_policy: StoragePolicy,
    pub consistency_check: ConsistencyCheck,
}

/// Where the source's objects are fetched from, if not from the bucket itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceCdn {
    #[schemars(length(min = 1, max = 255))]
    pub domain: String,
    pub protocol: Protocol,
    pub authentication_type: AuthenticationType,
}

/// Clouds that are synchronized from, how many tasks do, and regions as each of them spells
/// them.
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
/// Those that have synchronization tasks (vendor's pages).
const DESTINATIONS: [&str; 3] = ["cn-north-4", "cn-east-3", "cn-southwest-2"];
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
    /// Those of the task with this index, real or not, of that cloud if one is given.
    pub fn drawn(seed: Seed, index: u64, tongue: Tongue, cloud: Option<CloudType>) -> Self {
        let mut draws = Draws::new(seed, Stream::named("oms.task.settings"), index);
        let mut place = draws.below(SOURCES.iter().map(|(_, weight, _)| weight).sum());
        let source = SOURCES.iter().find(|&&(of, weight, _)| match cloud {
            Some(cloud) => cloud == of,
            None if place < weight => true,
            None => {
                place -= weight;
                false
            }
        });
        let (src_cloud_type, _, regions) = *source.unwrap_or(&SOURCES[0]);
        let (content, chinese, english) = pick(&CONTENTS, &mut draws);
        let bucket = format!("{content}-{:04x}", draws.below(1 << 16));
        let described = draws.chance(2, 3);
        // Of these three alone (python SDK 3.1.219).
        let has_crc = matches!(
            src_cloud_type,
            CloudType::Aliyun | CloudType::Tencent | CloudType::HuaweiCloud
        );
        let crc = has_crc && draws.chance(1, 4);
        Self {
            src_cloud_type,
            src_region: pick(regions, &mut draws).to_owned(),
            dst_region: pick(&DESTINATIONS, &mut draws).to_owned(),
            dst_bucket: format!("{bucket}-obs"),
            description: if described { tongue.choose(chinese, english) } else { "" }.to_owned(),
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
                _ if crc => OverwriteMode::IfCrcDiffers,
                _ => OverwriteMode::IfNewer,
            },
            dst_storage_policy: match draws.below(10) {
                0 => StoragePolicy::Archive,
                1 | 2 => StoragePolicy::InfrequentAccess,
                3 => StoragePolicy::AsSource,
                _ => StoragePolicy::Standard,
            },
            consistency_check: if crc {
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
