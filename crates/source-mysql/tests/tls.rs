//! How a server is reached: with TLS or without, over a socket, by names and passwords from elsewhere.

mod certificates;
mod mysql_server;
mod server;

use certificates::Certificates;
use change_event::ChangeEvent;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use mysql_server::MySql;
use server::MariaDb;
use source_mysql::{Binlog, Error, SourceItem, SourceOptions, Start};
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

const PATIENCE: Duration = Duration::from_secs(60);

/// What servers call the ways to reach them.
const ENCRYPTED: &str = "SSL/TLS";
const PLAIN: &str = "TCP/IP";
const SOCKET: &str = "Socket";

/// Makes the server say who is connected how.
const WATCHFUL: &str = "--performance-schema=ON";

/// The modes that do not do without TLS.
const STRICT: [&str; 3] = ["required", "verify-ca", "verify-identity"];

fn with_tls(certificates: &Certificates) -> MariaDb {
    let arguments = certificates.arguments();
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    arguments.push(WATCHFUL);
    MariaDb::start_with(&arguments)
}

async fn connect(url: &str) -> Result<Binlog, Error> {
    Binlog::connect(&Url::parse(url).unwrap(), SourceOptions::default(), Start::Now).await
}

/// The text of what stops a source for good.
async fn refused(url: &str) -> String {
    match connect(url).await {
        Ok(_) => panic!("{url} is not refused"),
        Err(error @ (Error::Config(_) | Error::Server(_))) => {
            let text = error.to_string();
            assert!(!text.contains("s3cret") && !text.contains('\n'), "{text}");
            text
        }
        Err(other) => panic!("{url}: {other}"),
    }
}

/// Connects, and has the server say how the connections that this made came.
async fn way(admin: &mut Conn, user: &str, url: &str) -> String {
    let latest = "SELECT MAX(PROCESSLIST_ID) FROM performance_schema.threads";
    let before: Option<u64> = admin.query_first(latest).await.unwrap();
    let log = connect(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    let made = "SELECT DISTINCT CONNECTION_TYPE FROM performance_schema.threads \
                WHERE PROCESSLIST_USER = ? AND PROCESSLIST_ID > ?";
    let found: Vec<String> = admin.exec(made, (user, before)).await.unwrap();
    drop(log);
    found.join(" and ")
}

#[tokio::test]
async fn a_server_with_tls_is_read_encrypted_unless_that_is_not_wanted() {
    let certificates = Certificates::make();
    let db = with_tls(&certificates);
    let mut admin = db.connect().await;
    let ca = certificates.shown("ca.pem");
    for (host, query, expected) in [
        ("127.0.0.1", String::new(), ENCRYPTED),
        ("127.0.0.1", "ssl-mode=disabled".into(), PLAIN),
        ("127.0.0.1", "ssl-mode=preferred".into(), ENCRYPTED),
        ("127.0.0.1", "ssl-mode=required".into(), ENCRYPTED),
        ("127.0.0.1", format!("ssl-mode=verify-ca&ssl-ca={ca}"), ENCRYPTED),
        ("127.0.0.1", format!("ssl-mode=verify-identity&ssl-ca={ca}"), ENCRYPTED),
        ("localhost", format!("ssl-mode=verify-identity&ssl-ca={ca}"), ENCRYPTED),
    ] {
        let url = format!("mysql://reader:s3cret@{host}:{}?{query}", db.port);
        assert_eq!(way(&mut admin, "reader", &url).await, expected, "{url}");
    }
}

#[tokio::test]
async fn rows_come_through_tls() {
    let certificates = Certificates::make();
    let db = with_tls(&certificates);
    db.run("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY)").await;
    let ca = certificates.shown("ca.pem");
    let url = format!("{}?ssl-mode=verify-identity&ssl-ca={ca}", db.url("reader"));
    let mut log = connect(&url).await.unwrap();
    db.run("INSERT INTO d.t VALUES (1)").await;
    let rows = async {
        loop {
            if let SourceItem::Event(ChangeEvent::Rows(rows)) = log.next().await.unwrap().unwrap() {
                return rows.rows.len();
            }
        }
    };
    assert_eq!(timeout(PATIENCE, rows).await.unwrap(), 1);
}

#[tokio::test]
async fn a_server_without_tls_is_read_only_where_that_is_good_enough() {
    let db = MariaDb::start_with(&[WATCHFUL]);
    let mut admin = db.connect().await;
    for query in ["", "?ssl-mode=preferred", "?ssl-mode=disabled"] {
        let url = format!("{}{query}", db.url("reader"));
        assert_eq!(way(&mut admin, "reader", &url).await, PLAIN, "{url}");
    }
    for mode in STRICT {
        let text = refused(&format!("{}?ssl-mode={mode}", db.url("reader"))).await;
        assert!(text.contains(&format!("has no TLS, which ssl-mode={mode} demands")), "{text}");
    }
}

#[tokio::test]
async fn what_an_account_demands_is_given_and_what_it_lacks_is_named() {
    let certificates = Certificates::make();
    let db = with_tls(&certificates);
    let mut admin = db.connect().await;
    for (user, demand) in [("careful", "SSL"), ("strict", "X509")] {
        db.run(&format!(
            "CREATE USER {user}@'%' IDENTIFIED BY 's3cret' REQUIRE {demand};
             GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO {user}@'%'"
        ))
        .await;
    }
    let of = |user: &str, query: &str| format!("{}?{query}", db.url(user));
    let shown = |name: &str| {
        let file = |kind: &str| certificates.shown(&format!("{name}.{kind}"));
        format!("ssl-mode=required&ssl-cert={}&ssl-key={}", file("pem"), file("key"))
    };

    assert_eq!(way(&mut admin, "careful", &of("careful", "ssl-mode=preferred")).await, ENCRYPTED);
    let text = refused(&of("careful", "ssl-mode=disabled")).await;
    assert!(
        text.contains("the account demands TLS (REQUIRE SSL)")
            && text.contains("which ssl-mode=disabled leaves out"),
        "{text}"
    );
    let text = refused(&of("careful", "ssl-mode=required").replace("s3cret", "wrong")).await;
    assert!(text.contains("password are wrong") && !text.contains("REQUIRE SSL"), "{text}");

    assert_eq!(way(&mut admin, "strict", &of("strict", &shown("client"))).await, ENCRYPTED);
    let text = refused(&of("strict", "ssl-mode=required")).await;
    assert!(text.contains("REQUIRE X509") && text.contains("ssl-cert"), "{text}");
    let text = refused(&of("strict", &shown("stranger"))).await;
    assert!(text.contains("does not accept the certificate of ssl-cert"), "{text}");
    let mismatched = shown("client").replace("client.key", "stranger.key");
    let text = refused(&of("strict", &mismatched)).await;
    assert!(text.contains("ssl-key is not the key of ssl-cert"), "{text}");

    admin.query_drop("SET GLOBAL require_secure_transport = ON").await.unwrap();
    let text = refused(&of("reader", "ssl-mode=disabled")).await;
    // Newer MariaDBs say it only once a login is through.
    assert!(text.contains("(require_secure_transport=ON)") && text.contains("ssl-mode="), "{text}");
    assert_eq!(way(&mut admin, "reader", &of("reader", "")).await, ENCRYPTED);
}

#[tokio::test]
async fn a_certificate_is_judged_as_the_mode_says_and_its_fault_is_named() {
    let certificates = Certificates::make();
    let db = with_tls(&certificates);
    let mut admin = db.connect().await;
    let [ca, other] = ["ca.pem", "other-ca.pem"].map(|file| certificates.shown(file));
    let of = |query: &str| format!("{}?{query}", db.url("reader"));
    let verified = |mode: &str| of(&format!("ssl-mode={mode}&ssl-ca={ca}"));

    for mode in ["verify-ca", "verify-identity"] {
        let text = refused(&of(&format!("ssl-mode={mode}&ssl-ca={other}"))).await;
        assert!(text.contains("unknown issuer") && text.contains(&other), "{text}");
        let text = refused(&of(&format!("ssl-mode={mode}"))).await;
        assert!(text.contains("no public CA signed it") && text.contains("ssl-ca=FILE"), "{text}");
    }

    certificates.show("elsewhere");
    admin.query_drop("FLUSH SSL").await.unwrap();
    let text = refused(&verified("verify-identity")).await;
    assert!(text.contains("it is for elsewhere.example, not for 127.0.0.1;"), "{text}");
    assert!(text.contains("ssl-mode=verify-ca"), "{text}");
    assert_eq!(way(&mut admin, "reader", &verified("verify-ca")).await, ENCRYPTED);

    certificates.show("expired");
    admin.query_drop("FLUSH SSL").await.unwrap();
    for mode in ["verify-ca", "verify-identity"] {
        let text = refused(&verified(mode)).await;
        assert!(text.contains("expired on 2021-03-04T05:06:07Z") && text.contains("renew it"), "{text}");
    }
    for mode in ["required", "preferred"] {
        assert_eq!(way(&mut admin, "reader", &of(&format!("ssl-mode={mode}"))).await, ENCRYPTED);
    }
}

/// A certificate of the first version, which our TLS does not read at all.
#[tokio::test]
async fn tls_that_does_not_come_about_stops_all_modes_but_preferred() {
    let certificates = Certificates::make();
    certificates.show("old");
    let db = with_tls(&certificates);
    let mut admin = db.connect().await;
    let url = db.url("reader");
    assert_eq!(way(&mut admin, "reader", url.as_str()).await, PLAIN);
    for mode in STRICT {
        let ca = if mode == "required" {
            String::new()
        } else {
            format!("&ssl-ca={}", certificates.shown("ca.pem"))
        };
        let text = refused(&format!("{url}?ssl-mode={mode}{ca}")).await;
        assert!(text.contains("has a certificate that cannot be"), "{text}");
    }
    db.run("ALTER USER reader@'%' REQUIRE SSL").await;
    let text = refused(url.as_str()).await;
    assert!(text.contains("(require_secure_transport=ON), and TLS did not come about"), "{text}");
}

#[tokio::test]
async fn a_socket_takes_the_place_of_host_and_port() {
    let db = MariaDb::start_with(&[WATCHFUL]);
    let mut admin = db.connect().await;
    let socket = db.socket().display().to_string();
    let url = format!("mysql://reader:s3cret@localhost?socket={socket}");
    assert_eq!(way(&mut admin, "reader", &url).await, SOCKET);
    let text = refused(&url.replace("s3cret", "wrong")).await;
    assert!(text.starts_with(&format!("{socket} refuses the login")), "{text}");
    assert!(text.contains("not spoken over a socket"), "{text}");

    let error = connect("mysql://reader@localhost?socket=/no/such.sock").await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Unreached { .. }) && text.contains("/no/such.sock"), "{text}");
}

#[tokio::test]
async fn a_password_is_read_from_the_first_line_of_a_file() {
    let db = MariaDb::start_with(&[WATCHFUL]);
    let mut admin = db.connect().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "s3cret\nand a note\n").unwrap();
    let url = format!("mysql://reader@127.0.0.1:{}?password-file={}", db.port, file.path().display());
    assert_eq!(way(&mut admin, "reader", &url).await, PLAIN);
    std::fs::write(file.path(), "s3cret2\n").unwrap();
    assert!(refused(&url).await.contains("its password-file"));
}

#[tokio::test]
async fn localhost_is_found_where_the_server_listens_on_ipv6_alone() {
    let certificates = Certificates::make();
    let arguments = [certificates.arguments(), vec!["--bind-address=::1".into()]].concat();
    let db = MariaDb::start_with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let ca = certificates.shown("ca.pem");
    for host in ["localhost", "[::1]"] {
        for query in ["ssl-mode=disabled".to_owned(), format!("ssl-mode=verify-identity&ssl-ca={ca}")] {
            connect(&format!("mysql://reader:s3cret@{host}:{}?{query}", db.port)).await.unwrap();
        }
    }
    let error = connect(&format!("mysql://reader:s3cret@127.0.0.1:{}", db.port)).await.unwrap_err();
    assert!(matches!(error, Error::Unreached { .. }), "{error}");
}

/// The certificates are the server's own, which are for no name.
#[tokio::test]
#[ignore = "needs a MySQL: cargo xtask matrix"]
async fn a_mysql_lets_accounts_of_its_usual_kind_in_with_tls_and_without() {
    let db = MySql::start();
    let socket: Option<String> = db.connect().await.query_first("SELECT @@socket").await.unwrap();
    // Who may grant comes from this machine only.
    let mut admin = Conn::new(OptsBuilder::default().socket(socket).user(Some("root"))).await.unwrap();
    let find =
        "SELECT PLUGIN_NAME FROM information_schema.PLUGINS WHERE PLUGIN_NAME = 'caching_sha2_password'";
    let known: Option<String> = admin.query_first(find).await.unwrap();
    let plugin = known.unwrap_or_else(|| "mysql_native_password".to_owned());
    let folder: Option<String> = admin.query_first("SELECT @@datadir").await.unwrap();
    let ca = format!("{}ca.pem", folder.unwrap());
    let required = "ssl-mode=required";
    let verified = format!("ssl-mode=verify-ca&ssl-ca={ca}");
    let versions: Option<String> = admin.query_first("SELECT @@tls_version").await.unwrap();
    // Older ones speak a TLS that we do not, or have no certificate.
    let speaks = versions.unwrap().contains("TLSv1.3");
    // An account for each: the server remembers whom it let in, and takes a shorter way the next time.
    let mut found = Vec::new();
    for (user, demand, query, encrypted) in [
        ("plain", "NONE", "ssl-mode=disabled", false),
        ("usual", "NONE", "", true),
        ("careful", "SSL", required, true),
        ("verifier", "SSL", &verified, true),
    ] {
        for statement in [
            format!("CREATE USER {user}@'%' IDENTIFIED WITH {plugin} BY 's3cret' REQUIRE {demand}"),
            format!("GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO {user}@'%'"),
        ] {
            admin.query_drop(statement).await.unwrap();
        }
        let mut url = db.url();
        url.set_username(user).unwrap();
        url.set_password(Some("s3cret")).unwrap();
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        if demand == "SSL" && !speaks {
            url.set_query(Some(required));
            let text = refused(url.as_str()).await;
            assert!(text.contains("has no TLS") || text.contains("speaks no TLS that we do"), "{text}");
            found.push(format!("{user} none"));
            continue;
        }
        let expected = if encrypted && speaks { ENCRYPTED } else { PLAIN };
        for time in ["first", "second"] {
            let way = way(&mut admin, user, url.as_str()).await;
            assert_eq!(way, expected, "{url} the {time} time");
            found.push(format!("{user} {way}"));
        }
        url.set_password(Some("wrong")).unwrap();
        let text = refused(url.as_str()).await;
        assert_eq!(text.contains("REQUIRE SSL"), expected == PLAIN, "{text}");
    }
    let mut url = db.url();
    if speaks {
        url.set_query(Some(&verified.replace("verify-ca", "verify-identity")));
        let text = refused(url.as_str()).await;
        assert!(text.contains("it is for no name at all, not for 127.0.0.1;"), "{text}");
    }
    admin.query_drop("SET GLOBAL require_secure_transport = ON").await.unwrap();
    url.set_query(Some("ssl-mode=disabled"));
    let text = refused(url.as_str()).await;
    assert!(text.contains("demands TLS of every login") && text.contains("ssl-mode=required"), "{text}");
    println!("figures: {plugin}: {}", found.join(", "));
}
