//! Which URLs are admitted, by what they say and how they are spelled.

use super::*;

fn client(loopback_allowed: bool) -> SubscriberClient {
    let names = Names::of("hooks.test", &[&["93.184.216.34"]]);
    names.0.lock().unwrap().insert("localhost".to_owned(), vec![vec!["127.0.0.1".parse().unwrap()]]);
    names.0.lock().unwrap().insert("xn--bcher-kva.test".to_owned(), vec![vec!["1.1.1.1".parse().unwrap()]]);
    names.0.lock().unwrap().insert("db.test".to_owned(), vec![vec!["10.0.0.1".parse().unwrap()]]);
    names.0.lock().unwrap().insert("nowhere.test".to_owned(), vec![vec![]]);
    SubscriberClient::with(loopback_allowed, Box::new(names), HASTY)
}

#[tokio::test]
async fn a_url_is_admitted_in_its_normal_spelling() {
    for (url, normal) in [
        ("https://hooks.test", "https://hooks.test/"),
        ("HTTPS://Hooks.TEST:443/a/../b?c=d e", "https://hooks.test/b?c=d%20e"),
        ("https://hooks.test:8443/in", "https://hooks.test:8443/in"),
        (" https://hooks.test/\t", "https://hooks.test/"),
        ("https:\\\\hooks.test\\in", "https://hooks.test/in"),
        ("https://@hooks.test/", "https://hooks.test/"),
        // What looks like a user name is the host, and the address is a path.
        ("https://hooks.test\\@127.0.0.1/", "https://hooks.test/@127.0.0.1/"),
        ("https://%68ooks.test/", "https://hooks.test/"),
        ("https://ｈｏｏｋｓ.test/", "https://hooks.test/"),
        ("https://bücher.test/", "https://xn--bcher-kva.test/"),
        ("https://1.1.1.1/", "https://1.1.1.1/"),
        ("https://0x1010101/", "https://1.1.1.1/"),
        ("https://[2606:4700:4700::1111]:8443/", "https://[2606:4700:4700::1111]:8443/"),
    ] {
        assert_eq!(client(false).admit(url).await.as_deref(), Ok(normal), "{url}");
    }
}

#[tokio::test]
async fn no_spelling_hides_an_address() {
    for (url, address) in [
        ("https://127.0.0.1/", "127.0.0.1 is not (loopback)"),
        ("https://127.0.0.1./", "127.0.0.1 is not (loopback)"),
        ("https://127.1/", "127.0.0.1 is not (loopback)"),
        ("https://127.0.1/", "127.0.0.1 is not (loopback)"),
        ("https://2130706433/", "127.0.0.1 is not (loopback)"),
        ("https://0x7f000001/", "127.0.0.1 is not (loopback)"),
        ("https://0x7f.1/", "127.0.0.1 is not (loopback)"),
        ("https://0X7F.0x0.0.1/", "127.0.0.1 is not (loopback)"),
        ("https://0177.0.0.1/", "127.0.0.1 is not (loopback)"),
        ("https://017700000001/", "127.0.0.1 is not (loopback)"),
        ("https://127.0.0.0x1:8443/", "127.0.0.1 is not (loopback)"),
        ("https://%31%32%37.0.0.1/", "127.0.0.1 is not (loopback)"),
        ("https://１２７.０.０.１/", "127.0.0.1 is not (loopback)"),
        ("https://①②⑦.⓪.⓪.①/", "127.0.0.1 is not (loopback)"),
        ("https://127。0。0。1/", "127.0.0.1 is not (loopback)"),
        ("https:127.0.0.1", "127.0.0.1 is not (loopback)"),
        ("https:///127.0.0.1/", "127.0.0.1 is not (loopback)"),
        ("https://12\t7.0.0.\n1/", "127.0.0.1 is not (loopback)"),
        ("https://0/", "0.0.0.0 is not (unspecified)"),
        ("https://0xa9fea9fe/latest/meta-data/", "169.254.169.254 is not (link-local)"),
        ("https://0251.0376.0251.0376/", "169.254.169.254 is not (link-local)"),
        ("https://[::1]/", "::1 is not (loopback)"),
        ("https://[0:0:0:0:0:0:0:1]/", "::1 is not (loopback)"),
        ("https://[::]/", ":: is not (unspecified)"),
        ("https://[::127.0.0.1]/", "::7f00:1 is not (IPv4 in IPv6)"),
        ("https://[::ffff:169.254.169.254]/", "::ffff:169.254.169.254 is not (IPv4 in IPv6)"),
        ("https://[::ffff:a9fe:a9fe]/", "::ffff:169.254.169.254 is not (IPv4 in IPv6)"),
        ("https://[64:ff9b::169.254.169.254]/", "64:ff9b::a9fe:a9fe is not (IPv4 in IPv6)"),
        ("https://[2002:7f00:1::]/", "2002:7f00:1:: is not (IPv4 in IPv6)"),
        ("https://[fd00:ec2::254]/", "fd00:ec2::254 is not (private)"),
    ] {
        let refused = client(false).admit(url).await.unwrap_err();
        assert_eq!(refused, format!("must lead to a public address: {address}"), "{url}");
    }
}

#[tokio::test]
async fn what_is_no_https_url_of_a_service_is_refused() {
    let (long, longer) = ("a".repeat(2048 - 19), "a".repeat(2048 - 18));
    assert!(client(false).admit(&format!("https://hooks.test/{long}")).await.is_ok());
    for (url, why) in [
        ("", "must be a URL"),
        ("hooks.test", "must be a URL"),
        ("/in", "must be a URL"),
        ("https://", "must be a URL"),
        ("https://hooks.test:99999/", "must be a URL"),
        ("https://1.2.3.4.5/", "must be a URL"),
        ("https://256.0.0.1/", "must be a URL"),
        ("https://[::1/", "must be a URL"),
        ("https://[fe80::1%25eth0]/", "must be a URL"),
        ("https://hooks test/", "must be a URL"),
        ("https://hooks.test%00.example.com/", "must be a URL"),
        ("http://hooks.test/", "must be an https URL"),
        ("http://127.0.0.1/", "must be an https URL"),
        ("ftp://hooks.test/", "must be an https URL"),
        ("wss://hooks.test/", "must be an https URL"),
        ("gopher://hooks.test/", "must be an https URL"),
        ("file:///etc/passwd", "must be an https URL with a host"),
        ("data:text/plain,x", "must be an https URL with a host"),
        ("javascript:alert(1)", "must be an https URL with a host"),
        ("https://user@hooks.test/", "must not hold a user name or a password"),
        ("https://:password@hooks.test/", "must not hold a user name or a password"),
        ("https://hooks.test@db.test/", "must not hold a user name or a password"),
        ("https://hooks.test/#in", "must not have a part after #"),
        ("https://hooks.test/#", "must not have a part after #"),
        ("https://hooks.test:25/", "must not have the port of another service than HTTP"),
        ("https://hooks.test:465/", "must not have the port of another service than HTTP"),
        ("https://hooks.test:0/", "must not have the port of another service than HTTP"),
        ("https://db.test/", "must lead to public addresses alone: db.test does not"),
        ("https://localhost/", "must lead to public addresses alone: localhost does not"),
        ("https://nowhere.test/", "must lead somewhere: nowhere.test cannot be looked up"),
        ("https://unknown.test/", "must lead somewhere: unknown.test cannot be looked up"),
        (&format!("https://hooks.test/{longer}"), "must be at most 2048 bytes long"),
        // 3 bytes for each once it is spelled out.
        (&format!("https://hooks.test/{}", "é".repeat(400)), "must be at most 2048 bytes long"),
    ] {
        assert_eq!(client(false).admit(url).await, Err(why.to_owned()), "{url}");
    }
}

#[tokio::test]
async fn this_machine_is_admitted_where_it_is_allowed() {
    for url in [
        "http://127.0.0.1:8080/in",
        "https://127.0.0.1/in",
        "http://localhost:1/",
        "http://[::1]/",
        "https://localhost/",
    ] {
        assert_eq!(client(true).admit(url).await.as_deref(), Ok(url));
    }
    for (url, why) in [
        ("http://hooks.test/", "must be https, unless it leads to this machine"),
        ("http://1.1.1.1/", "must be https, unless it leads to this machine"),
        ("http://notlocalhost/", "must be https, unless it leads to this machine"),
        ("https://10.0.0.1/", "must lead to a public address: 10.0.0.1 is not (private)"),
        ("https://0.0.0.0/", "must lead to a public address: 0.0.0.0 is not (unspecified)"),
        (
            "https://[::ffff:127.0.0.1]/",
            "must lead to a public address: ::ffff:127.0.0.1 is not (IPv4 in IPv6)",
        ),
        ("https://db.test/", "must lead to public addresses alone: db.test does not"),
    ] {
        assert_eq!(client(true).admit(url).await, Err(why.to_owned()), "{url}");
    }
}
