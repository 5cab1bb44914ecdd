//! The databases of generated jobs: names, engines, schemas and tables. This is the complete list
//! of names, so a filter on names examines each once, however many jobs there are.

use crate::world::draw::{Seed, Stream};
use crate::world::ids::{BASE36, IdCodec, value_of};
use crate::world::names::Locale;
use crate::world::text::Text;

/// A kind of database, as endpoints show it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) instance_type: &'static str,
    /// The prefix of instance ids.
    prefix: &'static str,
    pub(crate) port: &'static str,
    /// Whether it is reached by address and account, and not by the instance alone.
    pub(crate) self_managed: bool,
}

/// The first is the vendor's sample; the spellings of the others are inferred from the
/// instance types that CreateSynchronizationJob takes.
pub(crate) const MYSQL: Engine = engine("MySQL", "RDS", "rm-", "3306");
pub(crate) const POLARDB: Engine = engine("PolarDB", "PolarDB", "pc-", "3306");
pub(crate) const REDIS: Engine = engine("Redis", "Redis", "r-", "6379");
pub(crate) const DRDS: Engine = engine("DRDS", "DRDS", "drds", "3306");
pub(crate) const MAXCOMPUTE: Engine = engine("MaxCompute", "MaxCompute", "mc_", "443");
const OWN_MYSQL: Engine = Engine { self_managed: true, ..engine("MySQL", "ECS", "i-", "3306") };

const fn engine(
    name: &'static str,
    instance_type: &'static str,
    prefix: &'static str,
    port: &'static str,
) -> Engine {
    Engine { name, instance_type, prefix, port, self_managed: false }
}

impl Engine {
    /// The prefix and 17 characters (samples of RDS).
    pub(crate) fn instance_id(&self, seed: Seed, stream: Stream, index: u64) -> String {
        let ids = IdCodec::new(seed, stream);
        let mut text = Text::<{ CODE + CHECK }>::default();
        text.spelt(ids.encode(index), BASE36, CODE).spelt(ids.check(index), BASE36, CHECK);
        [self.prefix, text.as_str()].concat()
    }

    /// Whether that id is the [`instance_id`](Self::instance_id).
    pub(crate) fn is_instance(&self, seed: Seed, stream: Stream, index: u64, id: &str) -> bool {
        id.starts_with(self.prefix) && self.instance_id(seed, stream, index) == id
    }
}

/// The only index that could have this id, whatever its engine.
pub(crate) fn instance_index(seed: Seed, stream: Stream, id: &str) -> Option<u64> {
    let start = id.len().checked_sub(CODE + CHECK)?;
    let code = value_of(id.get(start..start + CODE)?, 36)?;
    (code >> 62 == 0).then(|| IdCodec::new(seed, stream).decode(code))
}

/// The characters of an instance's id that lead back to its index, and the others.
const CODE: usize = 12;
const CHECK: usize = 5;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    chinese: &'static str,
    english: &'static str,
    pub(crate) source: Engine,
    pub(crate) destination: Engine,
    pub(crate) schema: &'static str,
    /// Empty for the whole schema.
    pub(crate) tables: &'static [&'static str],
}

impl Subject {
    pub(crate) fn engines(&self) -> [&Engine; 2] {
        [&self.source, &self.destination]
    }

    /// `SynchronizationJobName`.
    pub(crate) fn name(&self, locale: Locale) -> &'static str {
        locale.choose(self.chinese, self.english)
    }
}

const fn subject(
    chinese: &'static str,
    english: &'static str,
    source: Engine,
    destination: Engine,
    schema: &'static str,
    tables: &'static [&'static str],
) -> Subject {
    Subject { chinese, english, source, destination, schema, tables }
}

/// Number of alternatives of the sampler's attribute. One-way and two-way jobs share them.
pub(crate) const ALTERNATIVES: usize = ONE_WAY.len();

pub(crate) fn subject_of_alternative(alternative: usize, is_two_way: bool) -> &'static Subject {
    if is_two_way { &TWO_WAY[alternative % TWO_WAY.len()] } else { &ONE_WAY[alternative] }
}

static ONE_WAY: [Subject; 12] = [
    subject("MySQL同步", "MySQL Synchronization", MYSQL, MYSQL, "dtstestdatabase", &["customer"]),
    subject("订单库同步到分析库", "orders-mysql to analytics", MYSQL, MAXCOMPUTE, "orders", &[]),
    subject(
        "会员库MySQL同步到PolarDB",
        "members-mysql to polardb",
        MYSQL,
        POLARDB,
        "members",
        &["account", "profile", "login_history"],
    ),
    subject("商品库异地灾备", "catalogue-mysql disaster recovery", MYSQL, MYSQL, "catalogue", &[]),
    subject(
        "库存库DRDS同步到MySQL",
        "inventory-drds to mysql",
        DRDS,
        MYSQL,
        "inventory",
        &["stock", "stock_change"],
    ),
    subject("会话缓存同步", "sessions-redis standby", REDIS, REDIS, "0", &[]),
    subject(
        "支付流水上云",
        "payments-mysql to the cloud",
        OWN_MYSQL,
        MYSQL,
        "payments",
        &["journal"],
    ),
    subject(
        "报表库PolarDB同步到MaxCompute",
        "reports-polardb to maxcompute",
        POLARDB,
        MAXCOMPUTE,
        "reports",
        &[],
    ),
    subject(
        "物流库同步到测试环境",
        "logistics-mysql to staging",
        MYSQL,
        MYSQL,
        "logistics",
        &["parcel", "route"],
    ),
    subject(
        "营销库MySQL同步",
        "marketing-mysql copy",
        MYSQL,
        MYSQL,
        "marketing",
        &["coupon", "campaign"],
    ),
    subject("历史订单归档", "orders-polardb archive", POLARDB, DRDS, "orders_archive", &[]),
    subject("风控特征库同步", "risk-features-redis to shanghai", REDIS, REDIS, "3", &[]),
];

/// Two-way synchronization is between two of a kind, of MySQL, PolarDB or Redis (doc
/// comments of CreateSynchronizationJob).
static TWO_WAY: [Subject; 6] = [
    subject("订单库双向同步", "orders-mysql active-active", MYSQL, MYSQL, "orders", &[]),
    subject(
        "用户中心异地多活",
        "user-centre-mysql active-active",
        MYSQL,
        MYSQL,
        "user_centre",
        &["user", "user_device"],
    ),
    subject("购物车PolarDB双向同步", "cart-polardb active-active", POLARDB, POLARDB, "cart", &[]),
    subject("缓存双活", "cache-redis active-active", REDIS, REDIS, "0", &[]),
    subject("配置库MySQL双向同步", "settings-mysql both ways", MYSQL, MYSQL, "settings", &["item"]),
    subject(
        "消息库双向同步",
        "messages-mysql both ways",
        OWN_MYSQL,
        MYSQL,
        "messages",
        &["inbox", "outbox"],
    ),
];
