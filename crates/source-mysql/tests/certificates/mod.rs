//! Certificates for one test: two CAs and what they signed, made by `openssl`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// What `openssl ca` needs to be told, and cannot be on its command line.
const CONFIG: &str = "\
[ca]
default_ca = any
[any]
database = index
unique_subject = no
rand_serial = yes
new_certs_dir = .
default_md = sha256
policy = names
[names]
commonName = supplied
";

const VALID: (&str, &str) = ("20200101000000Z", "20990101000000Z");
const EXPIRED: (&str, &str) = ("20200101000000Z", "20210304050607Z");

/// A folder of certificates, all with a key beside them:
///
/// | name | signed by | for |
/// |---|---|---|
/// | `server` | `ca` | localhost, 127.0.0.1 and ::1 |
/// | `elsewhere` | `ca` | elsewhere.example |
/// | `expired` | `ca` | as `server`, until 2021 |
/// | `old` | `ca` | nobody: it has no extensions at all, as those of the first version |
/// | `client` | `ca` | a client |
/// | `stranger` | `other-ca` | a client |
///
/// `used` is what the server shows: a copy of one of them.
pub struct Certificates {
    folder: TempDir,
}

impl Certificates {
    pub fn make() -> Self {
        let made = Self { folder: tempfile::tempdir().unwrap() };
        // For the server, which runs as another user.
        fs::set_permissions(made.folder.path(), Permissions::from_mode(0o755)).unwrap();
        fs::write(made.file("config"), CONFIG).unwrap();
        fs::write(made.file("index"), "").unwrap();
        for ca in ["ca", "other-ca"] {
            made.openssl(&format!(
                "req -x509 {NEW_KEY} -keyout {ca}.key -out {ca}.pem -days 2 -subj /CN={ca}"
            ));
        }
        let local = "subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1";
        made.sign("ca", "server", local, VALID);
        made.sign("ca", "elsewhere", "subjectAltName = DNS:elsewhere.example", VALID);
        made.sign("ca", "expired", local, EXPIRED);
        made.sign("ca", "client", "extendedKeyUsage = clientAuth", VALID);
        made.sign("other-ca", "stranger", "extendedKeyUsage = clientAuth", VALID);
        made.request("old");
        made.openssl("x509 -req -in old.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out old.pem");
        made.show("server");
        made
    }

    /// The server shows this one from its next look at its files on.
    pub fn show(&self, name: &str) {
        for kind in ["pem", "key"] {
            fs::copy(self.file(&format!("{name}.{kind}")), self.file(&format!("used.{kind}"))).unwrap();
            fs::set_permissions(self.file(&format!("used.{kind}")), Permissions::from_mode(0o644)).unwrap();
        }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file as a URL's parameter has it.
    pub fn shown(&self, name: &str) -> String {
        self.file(name).display().to_string()
    }

    /// The arguments of a server that shows `used`, and knows clients of `ca`.
    pub fn arguments(&self) -> Vec<String> {
        let files = [("ca", "ca.pem"), ("cert", "used.pem"), ("key", "used.key")];
        files.map(|(option, file)| format!("--ssl-{option}={}", self.shown(file))).into()
    }

    fn sign(&self, ca: &str, name: &str, extension: &str, (from, until): (&str, &str)) {
        self.request(name);
        fs::write(self.file("extension"), extension).unwrap();
        self.openssl(&format!(
            "ca -batch -notext -config config -cert {ca}.pem -keyfile {ca}.key -in {name}.csr -out {name}.pem \
             -startdate {from} -enddate {until} -extfile extension"
        ));
    }

    fn request(&self, name: &str) {
        self.openssl(&format!("req -new {NEW_KEY} -keyout {name}.key -out {name}.csr -subj /CN={name}"));
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .expect("openssl is needed by this test; install it: apt-get install openssl");
        assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

const NEW_KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
