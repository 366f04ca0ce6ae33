//! Which addresses belong to the public internet.
//!
//! Own tables instead of `IpAddr::is_global`: that is unstable, and knows nothing of IPv4 addresses carried inside IPv6
//! ones. Sources: IANA's special-purpose address registries for IPv4 and IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of address this is, as far as policy cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressClass {
    /// Globally reachable unicast.
    Public,
    /// This machine. An operator can allow it by host and port.
    Loopback,
    /// A private network: RFC 1918, carrier-grade NAT, unique local. An operator can allow it by host and port.
    Private,
    /// Never a server to talk to, whatever an operator writes: link-local with the cloud metadata services, multicast,
    /// documentation, reserved ranges, and IPv6 forms that carry an IPv4 address past a check like this one.
    Never(&'static str),
}

use AddressClass::{Loopback, Never, Private, Public};

type Range<A> = (A, u32, AddressClass);

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u32, class: AddressClass) -> Range<u32> {
    (u32::from_be_bytes([a, b, c, d]), prefix, class)
}

/// First match wins.
const V4: [Range<u32>; 17] = [
    v4(0, 0, 0, 0, 8, Never("this network")),
    v4(10, 0, 0, 0, 8, Private),
    v4(100, 100, 100, 200, 32, Never("metadata service")),
    v4(100, 64, 0, 0, 10, Private),
    v4(127, 0, 0, 0, 8, Loopback),
    v4(168, 63, 129, 16, 32, Never("metadata service")),
    v4(169, 254, 0, 0, 16, Never("link-local")),
    v4(172, 16, 0, 0, 12, Private),
    v4(192, 0, 0, 0, 24, Never("protocol assignments")),
    v4(192, 0, 2, 0, 24, Never("documentation")),
    v4(192, 88, 99, 0, 24, Never("6to4 relay")),
    v4(192, 168, 0, 0, 16, Private),
    v4(198, 18, 0, 0, 15, Never("benchmarking")),
    v4(198, 51, 100, 0, 24, Never("documentation")),
    v4(203, 0, 113, 0, 24, Never("documentation")),
    v4(224, 0, 0, 0, 4, Never("multicast")),
    v4(240, 0, 0, 0, 4, Never("reserved")),
];

const fn v6(a: u16, b: u16, c: u16, prefix: u32, class: AddressClass) -> Range<u128> {
    (
        ((a as u128) << 112) | ((b as u128) << 96) | ((c as u128) << 80),
        prefix,
        class,
    )
}

/// First match wins; what matches nothing lies outside the one block that is given out, 2000::/3.
const V6: [Range<u128>; 11] = [
    (1, 128, Loopback),
    (0xfd00_0ec2_u128 << 96 | 0x254, 128, Never("metadata service")),
    v6(0xfc00, 0, 0, 7, Private),
    v6(0xfe80, 0, 0, 10, Never("link-local")),
    v6(0xff00, 0, 0, 8, Never("multicast")),
    v6(0x2001, 0, 0, 23, Never("protocol assignments, Teredo among them")),
    v6(0x2001, 0xdb8, 0, 32, Never("documentation")),
    v6(0x2002, 0, 0, 16, Never("6to4, carries an IPv4 address")),
    v6(0x3ffe, 0, 0, 16, Never("reserved")),
    v6(0x3fff, 0, 0, 20, Never("documentation")),
    v6(0x2000, 0, 0, 3, Public),
];

/// Classifies an address.
pub(crate) fn classify(address: IpAddr) -> AddressClass {
    match address {
        IpAddr::V4(address) => classify_v4(address),
        IpAddr::V6(address) => classify_v6(address),
    }
}

fn classify_v4(address: Ipv4Addr) -> AddressClass {
    let bits = address.to_bits();
    V4.iter()
        .find(|(network, prefix, _)| (bits ^ network) >> (32 - prefix) == 0)
        .map_or(Public, |(.., class)| *class)
}

fn classify_v6(address: Ipv6Addr) -> AddressClass {
    let bits = address.to_bits();
    let class = V6
        .iter()
        .find(|(network, prefix, _)| (bits ^ network) >> (128 - prefix) == 0)
        .map_or(Never("not given out, or carries an IPv4 address"), |(.., class)| *class);
    if class == Public && is_isatap(address) {
        Never("ISATAP, carries an IPv4 address")
    } else {
        class
    }
}

/// RFC 5214: an interface identifier of `0000:5efe` or `0200:5efe` followed by an IPv4 address.
fn is_isatap(address: Ipv6Addr) -> bool {
    let [.., high, low, _, _] = address.segments();
    low == 0x5efe && high & !0x0200 == 0
}

#[cfg(test)]
mod tests {
    use super::{AddressClass, classify};
    use std::net::{IpAddr, Ipv4Addr};

    /// `address class`, one per line.
    const TABLE: &str = include_str!("addresses.txt");

    #[test]
    fn every_address_of_the_table_has_its_class() {
        let mut lines = 0;
        for line in TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (address, expected) = line.split_once(' ').unwrap();
            let class = match classify(address.parse().unwrap()) {
                AddressClass::Public => "public",
                AddressClass::Loopback => "loopback",
                AddressClass::Private => "private",
                AddressClass::Never(_) => "never",
            };
            assert_eq!(class, expected, "{address}");
            lines += 1;
        }
        assert!(lines >= 400, "{lines}");
    }

    #[test]
    fn no_first_byte_is_forgotten() {
        let never = [0, 224, 225, 238, 239, 240, 255];
        for first in 0..=255_u8 {
            let class = classify(IpAddr::V4(Ipv4Addr::new(first, 1, 2, 3)));
            match first {
                10 => assert_eq!(class, AddressClass::Private),
                127 => assert_eq!(class, AddressClass::Loopback),
                0 | 224.. => assert!(matches!(class, AddressClass::Never(_)), "{first}"),
                _ => assert_eq!(class, AddressClass::Public, "{first}"),
            }
            assert!(!never.contains(&first) || matches!(class, AddressClass::Never(_)));
        }
    }
}
