//! Which addresses are public. The ranges are those of IANA's special-purpose registries (RFC 6890 and what was added
//! since), the forms of IPv6 that hold an IPv4 address, as a whole, and of IPv6 all that is not handed out at all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), bits)
}

const fn v6(a: u16, b: u16, c: u16, bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), bits)
}

/// The last 32 bits are an IPv4 address.
const fn v6_low(e: u16, f: u16, bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, e, f, 0, 0), bits)
}

const NOT_PUBLIC_V4: [(Ipv4Net, &str); 20] = [
    (v4(0, 0, 0, 8), "unspecified"),
    (v4(10, 0, 0, 8), "private"),
    (v4(100, 64, 0, 10), "shared by customers of a provider"),
    (v4(127, 0, 0, 8), "loopback"),
    // With the address under which clouds tell a machine its credentials.
    (v4(169, 254, 0, 16), "link-local"),
    (v4(172, 16, 0, 12), "private"),
    (v4(192, 0, 0, 24), "for protocols"),
    (v4(192, 0, 2, 24), "for documentation"),
    (v4(192, 31, 196, 24), "for protocols"),
    (v4(192, 52, 193, 24), "for protocols"),
    (v4(192, 88, 99, 24), "6to4"),
    (v4(192, 168, 0, 16), "private"),
    (v4(192, 175, 48, 24), "for protocols"),
    (v4(198, 18, 0, 15), "for benchmarks"),
    (v4(198, 51, 100, 24), "for documentation"),
    (v4(203, 0, 113, 24), "for documentation"),
    (v4(224, 0, 0, 4), "multicast"),
    (Ipv4Net::new_assert(Ipv4Addr::BROADCAST, 32), "broadcast"),
    (v4(240, 0, 0, 4), "reserved"),
    // The inner side of a cloud, in a range that is public otherwise.
    (Ipv4Net::new_assert(Ipv4Addr::new(168, 63, 129, 16), 32), "metadata"),
];

const NOT_PUBLIC_V6: [(Ipv6Net, &str); 21] = [
    (Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 128), "unspecified"),
    (Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128), "loopback"),
    (v6_low(0, 0, 96), "IPv4 in IPv6"),
    (v6_low(0, 0xffff, 96), "IPv4 in IPv6"),
    (v6_low(0xffff, 0, 96), "IPv4 in IPv6"),
    (v6(0x64, 0xff9b, 0, 96), "IPv4 in IPv6"),
    (v6(0x64, 0xff9b, 1, 48), "IPv4 in IPv6"),
    (v6(0x100, 0, 0, 64), "discarded"),
    // Teredo, which holds an IPv4 address; ORCHID, benchmarks and more.
    (v6(0x2001, 0, 0, 32), "IPv4 in IPv6"),
    (v6(0x2001, 2, 0, 48), "for benchmarks"),
    (v6(0x2001, 0x10, 0, 28), "ORCHID"),
    (v6(0x2001, 0x20, 0, 28), "ORCHID"),
    (v6(0x2001, 0, 0, 23), "for protocols"),
    (v6(0x2001, 0xdb8, 0, 32), "for documentation"),
    (v6(0x2002, 0, 0, 16), "IPv4 in IPv6"),
    (v6(0x2620, 0x4f, 0x8000, 48), "for protocols"),
    (v6(0x3fff, 0, 0, 20), "for documentation"),
    (v6(0x5f00, 0, 0, 16), "for segment routing"),
    (v6(0xfc00, 0, 0, 7), "private"),
    (v6(0xfe80, 0, 0, 10), "link-local"),
    (v6(0xff00, 0, 0, 8), "multicast"),
];

/// What is handed out of IPv6; the rest is refused, known or not.
const HANDED_OUT: Ipv6Net = v6(0x2000, 0, 0, 3);

/// Why an address is not public, in a word or two; nothing for one that is.
pub(super) fn why_not_public(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => {
            NOT_PUBLIC_V4.iter().find(|(net, _)| net.contains(&address)).map(|(_, why)| *why)
        }
        IpAddr::V6(address) => {
            let known = NOT_PUBLIC_V6.iter().find(|(net, _)| net.contains(&address)).map(|(_, why)| *why);
            known.or_else(|| (!HANDED_OUT.contains(&address)).then_some("reserved"))
        }
    }
}
