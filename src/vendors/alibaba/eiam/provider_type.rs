//! The types of identity providers: their names at the vendor, and what each can do.

use super::target::Direction;

#[derive(Debug)]
pub(crate) struct ProviderType {
    /// `IdentityProviderType`; its suffix is the direction.
    pub(crate) urn: &'static str,
    pub(crate) family: Family,
    /// For generated names: (Chinese, English).
    pub(crate) names: (&'static str, &'static str),
}

/// The family whose configuration a provider has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Dingtalk,
    WeCom,
    Lark,
    Ldap,
    Oidc,
}

/// Vendor's page of ListIdentityProviders.
pub(crate) static TYPES: [ProviderType; 8] = [
    ProviderType {
        urn: "urn:alibaba:idaas:idp:alibaba:dingtalk:pull",
        family: Family::Dingtalk,
        names: ("钉钉", "DingTalk"),
    },
    ProviderType {
        urn: "urn:alibaba:idaas:idp:alibaba:dingtalk:push",
        family: Family::Dingtalk,
        names: ("钉钉", "DingTalk"),
    },
    ProviderType {
        urn: "urn:alibaba:idaas:idp:tencent:wecom:pull",
        family: Family::WeCom,
        names: ("企业微信", "WeCom"),
    },
    ProviderType {
        urn: "urn:alibaba:idaas:idp:bytedance:lark:pull",
        family: Family::Lark,
        names: ("飞书", "Lark"),
    },
    ProviderType {
        urn: "urn:alibaba:idaas:idp:microsoft:ad:pull",
        family: Family::Ldap,
        names: ("AD", "AD"),
    },
    ProviderType {
        urn: "urn:alibaba:idaas:idp:unknown:ldap:pull",
        family: Family::Ldap,
        names: ("LDAP", "LDAP"),
    },
    ProviderType {
        urn: "urn:alibaba:idaas:idp:standard:oidc",
        family: Family::Oidc,
        names: ("OIDC", "OIDC"),
    },
    ProviderType {
        urn: "urn:alibaba:idaas:idp:alibaba:sase",
        family: Family::Oidc,
        names: ("SASE", "SASE"),
    },
];

impl ProviderType {
    pub(crate) fn named(urn: &str) -> Option<&'static Self> {
        TYPES.iter().find(|row| row.urn == urn)
    }

    /// Whether users are pulled from it (ingress), or pushed to it (egress), by its type.
    pub(crate) fn is(&self, direction: Direction) -> bool {
        match direction {
            Direction::Ingress => self.urn.ends_with(":pull"),
            Direction::Egress => self.urn.ends_with(":push"),
        }
    }

    /// Whether it supports the direction: directories that are pulled from can be pushed to as
    /// well, because they have an `LdapUdPushConfig`.
    pub(crate) fn can(&self, direction: Direction) -> bool {
        let both = self.family == Family::Ldap && direction == Direction::Egress;
        self.is(direction) || both
    }

    /// Whether users are pulled from it or pushed to it; the other types are only for login.
    pub(crate) fn syncs(&self) -> bool {
        self.is(Direction::Ingress) || self.is(Direction::Egress)
    }

    /// `AuthnSourceSupplier`: the type without its direction.
    pub(crate) fn supplier(&self) -> &'static str {
        let cut = |end| self.urn.strip_suffix(end);
        cut(":pull").or_else(|| cut(":push")).unwrap_or(self.urn)
    }

    /// Whether it reports changes by callbacks; directories are only polled (inferred).
    pub(crate) fn calls_back(&self) -> bool {
        !matches!(self.family, Family::Ldap | Family::Oidc)
    }
}
