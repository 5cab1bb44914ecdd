//! The types of identity providers: what the vendor calls them, and what can be done with
//! each.

use super::target::Direction;

#[derive(Debug)]
pub struct ProviderType {
    /// `IdentityProviderType`, whose end says the direction.
    pub urn: &'static str,
    pub family: Family,
    /// In names: (Chinese, English).
    pub called: (&'static str, &'static str),
}

/// Whose configuration a provider has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Dingtalk,
    WeCom,
    Lark,
    Ldap,
    Oidc,
}

/// Vendor's page of ListIdentityProviders.
pub static TYPES: [ProviderType; 8] = [
    ProviderType {
        urn: "urn:alibaba:idaas:idp:alibaba:dingtalk:pull",
        family: Family::Dingtalk,
        called: ("钉钉", "DingTalk"),
    },
    ProviderType {
        urn: "urn:alibaba:idaas:idp:alibaba:dingtalk:push",
        family: Family::Dingtalk,
        called: ("钉钉", "DingTalk"),
    },
    ProviderType {
        urn: "urn:alibaba:idaas:idp:tencent:wecom:pull",
        family: Family::WeCom,
        called: ("企业微信", "WeCom"),
    },
    ProviderType {
        urn: "urn:alibaba:idaas:idp:bytedance:lark:pull",
        family: Family::Lark,
        called: ("飞书", "Lark"),
    },
    ProviderType {
        urn: "urn:alibaba:idaas:idp:microsoft:ad:pull",
        family: Family::Ldap,
        called: ("AD", "AD"),
    },
    ProviderType {
        urn: "urn:alibaba:idaas:idp:unknown:ldap:pull",
        family: Family::Ldap,
        called: ("LDAP", "LDAP"),
    },
    ProviderType {
        urn: "urn:alibaba:idaas:idp:standard:oidc",
        family: Family::Oidc,
        called: ("OIDC", "OIDC"),
    },
    ProviderType {
        urn: "urn:alibaba:idaas:idp:alibaba:sase",
        family: Family::Oidc,
        called: ("SASE", "SASE"),
    },
];

impl ProviderType {
    pub fn named(urn: &str) -> Option<&'static Self> {
        TYPES.iter().find(|row| row.urn == urn)
    }

    /// Whether users come from it (ingress), or go to it.
    pub fn is(&self, direction: Direction) -> bool {
        match direction {
            Direction::Ingress => self.urn.ends_with(":pull"),
            Direction::Egress => self.urn.ends_with(":push"),
        }
    }

    /// Whether it can be so: directories that are pulled from can be pushed to as well, for
    /// they have an `LdapUdPushConfig`.
    pub fn can(&self, direction: Direction) -> bool {
        let both = self.family == Family::Ldap && direction == Direction::Egress;
        self.is(direction) || both
    }

    /// Whether users come from it or go to it; people only log in with the others.
    pub fn syncs(&self) -> bool {
        self.is(Direction::Ingress) || self.is(Direction::Egress)
    }

    /// `AuthnSourceSupplier`: the type without its direction.
    pub fn supplier(&self) -> &'static str {
        let cut = |end| self.urn.strip_suffix(end);
        cut(":pull").or_else(|| cut(":push")).unwrap_or(self.urn)
    }

    /// Whether it tells of changes by itself; directories are only asked (inferred).
    pub fn calls_back(&self) -> bool {
        !matches!(self.family, Family::Ldap | Family::Oidc)
    }
}
