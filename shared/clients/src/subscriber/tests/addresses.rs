//! Which addresses are public.

use crate::subscriber::addresses::why_not_public;

/// Each range with its first and last address, and the neighbours outside of it where they are public.
#[test]
fn each_address_is_public_or_it_is_known_why_not() {
    let table: &[(&[&str], Option<&str>)] = &[
        (&["0.0.0.0", "0.0.0.1", "0.255.255.255"], Some("unspecified")),
        (&["10.0.0.0", "10.255.255.255"], Some("private")),
        (&["172.16.0.0", "172.31.255.255"], Some("private")),
        (&["192.168.0.0", "192.168.255.255"], Some("private")),
        (&["100.64.0.0", "100.100.100.200", "100.127.255.255"], Some("shared by customers of a provider")),
        (&["127.0.0.0", "127.0.0.1", "127.255.255.255"], Some("loopback")),
        (&["169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.255.255"], Some("link-local")),
        (&["168.63.129.16"], Some("metadata")),
        (&["192.0.0.0", "192.0.0.9", "192.0.0.192", "192.0.0.255"], Some("for protocols")),
        (&["192.31.196.1", "192.52.193.1", "192.175.48.1"], Some("for protocols")),
        (&["192.0.2.0", "192.0.2.255"], Some("for documentation")),
        (&["198.51.100.0", "198.51.100.255"], Some("for documentation")),
        (&["203.0.113.0", "203.0.113.255"], Some("for documentation")),
        (&["192.88.99.0", "192.88.99.255"], Some("6to4")),
        (&["198.18.0.0", "198.19.255.255"], Some("for benchmarks")),
        (&["224.0.0.0", "239.255.255.255"], Some("multicast")),
        (&["240.0.0.0", "255.255.255.254"], Some("reserved")),
        (&["255.255.255.255"], Some("broadcast")),
        (&["1.0.0.0", "1.1.1.1", "8.8.8.8", "93.184.216.34", "223.255.255.255"], None),
        (&["9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255"], None),
        (&["192.169.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0"], None),
        (&["169.253.255.255", "169.255.0.0", "168.63.129.15", "168.63.129.17"], None),
        (&["192.0.1.0", "192.0.3.0", "198.17.255.255", "198.20.0.0", "203.0.112.255"], None),
        (&["192.88.98.255", "192.88.100.0"], None),
        (&["::"], Some("unspecified")),
        (&["::1"], Some("loopback")),
        (&["::2", "::127.0.0.1", "::8.8.8.8", "::ffff:ffff"], Some("IPv4 in IPv6")),
        (&["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"], Some("IPv4 in IPv6")),
        (&["::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"], Some("IPv4 in IPv6")),
        (&["64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1"], Some("IPv4 in IPv6")),
        (&["64:ff9b:1:ffff:ffff:ffff:ffff:ffff"], Some("IPv4 in IPv6")),
        (&["2002::", "2002:7f00:1::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], Some("IPv4 in IPv6")),
        (&["2001::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"], Some("IPv4 in IPv6")),
        (&["100::", "100::1", "100::ffff:ffff:ffff:ffff"], Some("discarded")),
        (&["100:0:0:1::1", "4000::1", "64:ff9c::1", "1::", "8000::1"], Some("reserved")),
        (&["2001:2::1", "2001:2:0:ffff::1"], Some("for benchmarks")),
        (&["2001:10::1", "2001:1f:ffff::1", "2001:20::1", "2001:2f:ffff::1"], Some("ORCHID")),
        (&["2001:1::1", "2001:3::1", "2001:4:112::1", "2001:30::1", "2001:1ff::1"], Some("for protocols")),
        (&["2620:4f:8000::1"], Some("for protocols")),
        (&["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"], Some("for documentation")),
        (&["3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"], Some("for documentation")),
        (&["5f00::1"], Some("for segment routing")),
        (&["fc00::", "fd00:ec2::254", "fdff::1"], Some("private")),
        (&["fe80::", "fe80::1", "febf::1"], Some("link-local")),
        (&["fec0::", "fec0::1", "feff::1"], Some("reserved")),
        (&["ff00::", "ff02::1", "ff0e::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], Some("multicast")),
        (&["2000::1", "2001:200::1", "2001:db7:ffff::1", "2001:db9::1", "2003::1"], None),
        (&["2606:2800:220:1:248:1893:25c8:1946", "2a00:1450:4001::1", "3fff:1000::1"], None),
        (&["2620:4f:7fff::1", "2620:4f:8001::1", "3ffe:ffff::1"], None),
    ];
    for (addresses, why) in table {
        for address in *addresses {
            assert_eq!(why_not_public(address.parse().unwrap()), *why, "{address}");
        }
    }
}
