//! What an address is, and whether it may be dialled.
//!
//! Sources: the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890 and
//! its updates) and the metadata services of the large clouds. IPv6 is a
//! positive list: outside 2000::/3 nothing is public (RFC 4291 2.4).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::OutboundError;

/// The kind of an address, as far as dialling it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressClass {
    /// Globally routed unicast.
    Public,
    /// 127/8, ::1.
    Loopback,
    /// 10/8, 172.16/12, 192.168/16 (RFC 1918).
    Private,
    /// 100.64/10, carrier-grade NAT (RFC 6598).
    Shared,
    /// fc00::/7 (RFC 4193).
    UniqueLocal,
    /// 198.18/15, 2001:2::/48 (RFC 2544, RFC 5180).
    Benchmark,
    /// 169.254/16, fe80::/10. The IPv4 range is also where clouds keep their metadata services.
    LinkLocal,
    /// A cloud's metadata or platform service outside the link-local range.
    Metadata,
    /// fec0::/10, deprecated (RFC 3879).
    SiteLocal,
    /// 0/8, ::.
    Unspecified,
    /// 224/4, ff00::/8.
    Multicast,
    /// 255.255.255.255.
    Broadcast,
    /// 192.0.2/24, 198.51.100/24, 203.0.113/24, 2001:db8::/32, 3fff::/20.
    Documentation,
    /// Set aside by IANA for protocols or the future.
    Reserved,
    /// ::ffff:0:0/96: an IPv4 address in disguise.
    V4Mapped,
    /// ::/96, deprecated: an IPv4 address in disguise.
    V4Compatible,
    /// 2002::/16 and the relay anycast 192.88.99/24 (RFC 7526): tunnels to an IPv4 address.
    SixToFour,
    /// 64:ff9b::/96 and 64:ff9b:1::/48 (RFC 6052, RFC 8215): translated to an IPv4 address.
    Nat64,
    /// 2001::/32 (RFC 4380): tunnels to an IPv4 address.
    Teredo,
}

impl AddressClass {
    /// The class of `address`.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }

    /// Whether this class is opened by [`AddressPolicy::allow_private_networks`].
    pub fn is_private_network(self) -> bool {
        matches!(self, Self::Loopback | Self::Private | Self::Shared | Self::UniqueLocal | Self::Benchmark)
    }
}

impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "public",
            Self::Loopback => "a loopback address",
            Self::Private => "a private address",
            Self::Shared => "a carrier-grade NAT address",
            Self::UniqueLocal => "a unique local address",
            Self::Benchmark => "a benchmarking address",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "a cloud metadata service",
            Self::SiteLocal => "a site-local address",
            Self::Unspecified => "an unspecified address",
            Self::Multicast => "a multicast address",
            Self::Broadcast => "the broadcast address",
            Self::Documentation => "a documentation address",
            Self::Reserved => "a reserved address",
            Self::V4Mapped => "an IPv4-mapped address",
            Self::V4Compatible => "an IPv4-compatible address",
            Self::SixToFour => "a 6to4 address",
            Self::Nat64 => "a NAT64 address",
            Self::Teredo => "a Teredo address",
        })
    }
}

fn of_v4(address: Ipv4Addr) -> AddressClass {
    use AddressClass as Class;
    let [a, b, c, d] = address.octets();
    match (a, b, c, d) {
        // Alibaba; Oracle; Azure's platform address.
        (100, 100, 100, 200) | (192, 0, 0, 192) | (168, 63, 129, 16) => Class::Metadata,
        (0, ..) => Class::Unspecified,
        (127, ..) => Class::Loopback,
        (10, ..) | (172, 16..=31, ..) | (192, 168, ..) => Class::Private,
        (100, 64..=127, ..) => Class::Shared,
        (169, 254, ..) => Class::LinkLocal,
        (192, 0, 2, _) | (198, 51, 100, _) | (203, 0, 113, _) => Class::Documentation,
        (192, 88, 99, _) => Class::SixToFour,
        (198, 18..=19, ..) => Class::Benchmark,
        (224..=239, ..) => Class::Multicast,
        (255, 255, 255, 255) => Class::Broadcast,
        (192, 0, 0, _) | (240..=255, ..) => Class::Reserved,
        _ => Class::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> AddressClass {
    use AddressClass as Class;
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Class::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Class::Loopback,
        [0, 0, 0, 0, 0, 0, ..] => Class::V4Compatible,
        [0, 0, 0, 0, 0, 0xffff, ..] => Class::V4Mapped,
        [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0x64, 0xff9b, 1, ..] => Class::Nat64,
        // Amazon's and Google's platform prefixes inside fc00::/7.
        [0xfd00, 0x0ec2, ..] | [0xfd20, 0x00ce, ..] => Class::Metadata,
        [0xfc00..=0xfdff, ..] => Class::UniqueLocal,
        [0xfe80..=0xfebf, ..] => Class::LinkLocal,
        [0xfec0..=0xfeff, ..] => Class::SiteLocal,
        [0xff00..=0xffff, ..] => Class::Multicast,
        [0x2001, 0, ..] => Class::Teredo,
        [0x2001, 2, 0, ..] => Class::Benchmark,
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => Class::Documentation,
        // 2001::/23: assignments to protocols (ORCHID, AMT, DNS anycast), none of them a server to push to.
        [0x2001, 0..=0x01ff, ..] => Class::Reserved,
        [0x2002, ..] => Class::SixToFour,
        [0x2000..=0x3fff, ..] => Class::Public,
        _ => Class::Reserved,
    }
}

/// Which classes of addresses may be dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AddressPolicy {
    /// Also dial loopback, private, carrier-grade, unique local and benchmarking addresses. Everything else
    /// that is not public, metadata services first of all, stays refused.
    pub allow_private_networks: bool,
}

impl AddressPolicy {
    /// Passes `address`, which `host` stands for, or says why not.
    pub fn check(self, host: &str, address: IpAddr) -> Result<(), OutboundError> {
        let class = AddressClass::of(address);
        let passes =
            class == AddressClass::Public || (self.allow_private_networks && class.is_private_network());
        if passes {
            return Ok(());
        }
        Err(OutboundError::AddressRefused { host: host.to_owned(), address, class })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(address: &str) -> AddressClass {
        AddressClass::of(address.parse().expect("an address"))
    }

    #[test]
    fn every_special_range_is_named_up_to_its_borders() {
        use AddressClass as Class;
        for (expected, addresses) in [
            (
                Class::Public,
                "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0",
            ),
            (
                Class::Public,
                "169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0",
            ),
            (Class::Public, "198.17.255.255 198.20.0.0 223.255.255.255 192.0.1.0 192.0.3.0 203.0.112.255"),
            (
                Class::Public,
                "2600:: 2a00:1450:4001::200e 2000::1 2001:200:: 2001:db7::1 2001:db9::1 2003::1 3ffe::1",
            ),
            (Class::Loopback, "127.0.0.0 127.0.0.1 127.255.255.255 ::1"),
            (Class::Private, "10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255"),
            (Class::Shared, "100.64.0.0 100.127.255.255 100.100.100.199"),
            (Class::UniqueLocal, "fc00:: fd12:3456::1 fdff:ffff::"),
            (Class::Benchmark, "198.18.0.0 198.19.255.255 2001:2:0::1"),
            (
                Class::LinkLocal,
                "169.254.0.0 169.254.169.254 169.254.170.2 169.254.255.255 fe80:: febf::1 fe80::a9fe:a9fe",
            ),
            (
                Class::Metadata,
                "100.100.100.200 192.0.0.192 168.63.129.16 fd00:ec2::254 fd00:ec2::23 fd20:ce::254",
            ),
            (Class::SiteLocal, "fec0:: feff:ffff::"),
            (Class::Unspecified, "0.0.0.0 0.1.2.3 0.255.255.255 ::"),
            (Class::Multicast, "224.0.0.0 239.255.255.255 ff00:: ff02::1"),
            (Class::Broadcast, "255.255.255.255"),
            (Class::Documentation, "192.0.2.1 198.51.100.1 203.0.113.255 2001:db8::1 3fff::1 3fff:fff::1"),
            (
                Class::Reserved,
                "192.0.0.0 192.0.0.9 240.0.0.1 255.255.255.254 100::1 5f00::1 2001:10::1 2001:20::1 4000::1 1::",
            ),
            (Class::V4Mapped, "::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:a9fe:a9fe"),
            (Class::V4Compatible, "::127.0.0.1 ::8.8.8.8 ::2 ::a9fe:a9fe"),
            (Class::SixToFour, "2002:7f00:1:: 2002:: 2002:ffff:: 192.88.99.1"),
            (Class::Nat64, "64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 64:ff9b:1:ffff::7f00:1"),
            (Class::Teredo, "2001:0:4136:e378:8000:63bf:3fff:fdd2 2001::1"),
        ] {
            for address in addresses.split(' ') {
                assert_eq!(class(address), expected, "{address}");
            }
        }
    }

    #[test]
    fn private_networks_open_by_the_setting_and_metadata_never() {
        let strict = AddressPolicy::default();
        let open = AddressPolicy { allow_private_networks: true };
        for address in ["127.0.0.1", "::1", "10.1.2.3", "192.168.1.1", "100.64.1.1", "fd12::1", "198.18.0.1"]
        {
            let address = address.parse().expect("an address");
            assert!(strict.check("x", address).is_err(), "{address}");
            assert!(open.check("x", address).is_ok(), "{address}");
        }
        for address in [
            "169.254.169.254",
            "fe80::a9fe:a9fe",
            "fd00:ec2::254",
            "fd20:ce::254",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "0.0.0.0",
            "::",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
            "2001::1",
            "224.0.0.1",
            "255.255.255.255",
            "fec0::1",
            "192.0.2.1",
            "240.0.0.1",
        ] {
            let address = address.parse().expect("an address");
            assert!(open.check("x", address).is_err(), "{address}");
        }
    }
}
