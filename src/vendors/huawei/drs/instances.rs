//! The databases between which generated jobs transfer: which links there are, and the cloud's
//! instances at one end of each.

use serde_json::{Map, Value, json};

use crate::world::draw::{Draws, Seed, Stream};
use crate::world::ids::{HEX, IdCodec, random_text};

/// A kind of transfer that the v5 pages support.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) job_type: &'static str,
    pub(crate) engine_type: &'static str,
    pub(crate) job_direction: &'static str,
    source: Database,
    target: Database,
    /// The number of jobs that use an instance with it, relative to the others.
    pub(crate) weight: u64,
}

#[derive(Debug)]
struct Database {
    db_type: &'static str,
    endpoint_name: &'static str,
    /// Whether it is an instance of the cloud, not somebody's own database.
    in_cloud: bool,
    port: &'static str,
    user: &'static str,
}

const fn own(
    db_type: &'static str,
    endpoint_name: &'static str,
    port: &'static str,
    user: &'static str,
) -> Database {
    Database { db_type, endpoint_name, in_cloud: false, port, user }
}

const fn cloud(
    db_type: &'static str,
    endpoint_name: &'static str,
    port: &'static str,
    user: &'static str,
) -> Database {
    Database { db_type, endpoint_name, in_cloud: true, port, user }
}

/// Vendor's pages; names of endpoints from huaweicloudsdkdrs 3.1.219.
static LINKS: [Link; 5] = [
    Link {
        job_type: "sync",
        engine_type: "mysql-to-mysql",
        job_direction: "up",
        source: own("mysql", "mysql", "3306", "repl"),
        target: cloud("mysql", "cloud_mysql", "3306", "root"),
        weight: 4,
    },
    Link {
        job_type: "sync",
        engine_type: "oracle-to-gaussdbv5",
        job_direction: "up",
        source: own("oracle", "oracle", "1521", "ORACLE_USER"),
        target: cloud("gaussdbv5", "cloud_gaussdbv5", "8000", "root"),
        weight: 3,
    },
    Link {
        job_type: "migration",
        engine_type: "redis-to-gaussredis",
        job_direction: "up",
        source: own("redis", "redis", "6379", "default"),
        target: cloud("gaussredis", "cloud_gaussdb_redis", "6379", "rwuser"),
        weight: 2,
    },
    Link {
        job_type: "migration",
        engine_type: "rediscluster-to-gaussredis",
        job_direction: "up",
        source: own("rediscluster", "rediscluster", "6379", "default"),
        target: cloud("gaussredis", "cloud_gaussdb_redis", "6379", "rwuser"),
        weight: 1,
    },
    Link {
        job_type: "sync",
        engine_type: "mysql-to-mysql",
        job_direction: "down",
        source: cloud("mysql", "cloud_mysql", "3306", "root"),
        target: own("mysql", "mysql", "3306", "repl"),
        weight: 1,
    },
];

/// A database instance in the cloud, and the database outside the cloud that it is linked with.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) link: &'static Link,
    /// 32 hexadecimal digits, `in` and two digits (vendor's page).
    pub(crate) id: String,
    /// For the database outside the cloud.
    pub(crate) ip: String,
    pub(crate) vpc_id: String,
    pub(crate) subnet_id: String,
}

const STREAM: Stream = Stream::named("drs.instance");

/// Generated instances. They take the links in turn, the most usual one first.
pub(crate) fn generated(seed: Seed, count: u64) -> Vec<Instance> {
    (0..count).map(|index| instance(seed, index)).collect()
}

fn instance(seed: Seed, index: u64) -> Instance {
    let links = LINKS.len() as u64;
    let link = &LINKS[(index % links) as usize];
    let mut draws = Draws::new(seed, STREAM, index);
    let ip =
        format!("10.{}.{}.{}", draws.between(1, 254), draws.between(0, 254), draws.between(1, 254));
    let ids = IdCodec::new(seed, STREAM.of(1));
    Instance {
        link,
        id: format!("{}in{:02}", random_text(seed, STREAM.of(2), index, HEX, 32), index % 100),
        ip,
        vpc_id: ids.uuid(2 * index),
        subnet_id: ids.uuid(2 * index + 1),
    }
}

/// The first link with the given values, for fixed jobs that give some.
pub(crate) fn linked(
    job_type: Option<&str>,
    engine_type: Option<&str>,
    job_direction: Option<&str>,
) -> Option<&'static Link> {
    let is = |wanted: Option<&str>, has: &str| wanted.is_none_or(|wanted| wanted == has);
    LINKS.iter().find(|link| {
        is(job_type, link.job_type)
            && is(engine_type, link.engine_type)
            && is(job_direction, link.job_direction)
    })
}

impl Instance {
    /// The two ends of a job: `source_endpoint` and `target_endpoint`. `ids` are the ids that
    /// the service gives them (vendor's sample).
    pub(crate) fn endpoints(&self, ids: [String; 2], project_id: &str) -> [Value; 2] {
        let [source, target] = ids;
        [
            self.endpoint(&self.link.source, "so", source, project_id),
            self.endpoint(&self.link.target, "ta", target, project_id),
        ]
    }

    fn endpoint(&self, database: &Database, role: &str, id: String, project_id: &str) -> Value {
        let mut endpoint = Map::new();
        endpoint.insert("id".into(), id.into());
        endpoint.insert("endpoint_name".into(), database.endpoint_name.into());
        if database.in_cloud {
            endpoint.insert("instance_id".into(), self.id.as_str().into());
        } else {
            endpoint.insert("ip".into(), self.ip.as_str().into());
            endpoint.insert("db_port".into(), database.port.into());
        }
        endpoint.insert("db_user".into(), database.user.into());
        let kind = if database.in_cloud { "cloud" } else { "offline" };
        let mut info = Map::new();
        info.insert("db_type".into(), database.db_type.into());
        info.insert("endpoint_type".into(), kind.into());
        info.insert("endpoint_role".into(), role.into());
        info.insert("endpoint".into(), Value::Object(endpoint));
        if database.in_cloud {
            let cloud = json!({"region": "cn-north-4", "project_id": project_id});
            info.insert("cloud".into(), cloud);
            let vpc = json!({"vpc_id": self.vpc_id, "subnet_id": self.subnet_id});
            info.insert("vpc".into(), vpc);
        } else {
            info.insert("ssl".into(), json!({"ssl_link": false}));
        }
        Value::Object(info)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_differ_and_take_every_link_in_turn() {
        let all = generated(Seed(1), 12);
        let mut ids: Vec<&str> = all.iter().map(|instance| instance.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 12);
        assert!(ids.iter().all(|id| id.len() == 36));
        for link in &LINKS {
            assert!(all.iter().any(|instance| std::ptr::eq(instance.link, link)));
        }
    }

    #[test]
    fn a_link_is_found_by_any_of_its_values() {
        let of = |j, e, d| linked(j, e, d).map(|link| link.engine_type);
        assert_eq!(of(Some("migration"), None, None), Some("redis-to-gaussredis"));
        assert_eq!(of(None, Some("mysql-to-mysql"), Some("down")), Some("mysql-to-mysql"));
        assert_eq!(of(Some("migration"), Some("oracle-to-gaussdbv5"), None), None);
    }
}
