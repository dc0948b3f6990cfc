//! The program as a user calls it, and its files in real connections.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use gamesockets_proto::crypto::{armour, read_certificates};
use gamesockets_proto::wire::Certificate;
use prost::Message as _;

use gamesockets::{ConfigEntry, ConfigValue, ConnectionState, Event, InfoFlags, Sockets};

const LIMIT: Duration = Duration::from_secs(10);

/// A folder of its own for a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // What an earlier run has left.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn call(&self, arguments: &str) -> Output {
        let program = env!("CARGO_BIN_EXE_gamesockets-cert");
        Command::new(program).args(arguments.split(' ')).current_dir(&self.0).output().unwrap()
    }

    /// What the program says; it must succeed.
    fn run(&self, arguments: &str) -> String {
        let output = self.call(arguments);
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What the program complains of; it must fail.
    fn fail(&self, arguments: &str) -> String {
        let output = self.call(arguments);
        assert!(!output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(name), bytes).unwrap();
    }

    /// A CA, and a certificate of it for each of these.
    fn with_members(self, names: &[&str]) -> Self {
        self.run("ca create --out ca");
        for name in names {
            self.run(&format!("request --identity str:{name} --key {name}.key --out {name}.req"));
            self.run(&format!("sign --ca-key ca.key --out {name}.cert {name}.req"));
        }
        self
    }

    /// An anonymous instance that takes its identity from a certificate in this folder.
    fn member(&self, name: &str) -> Sockets {
        let sockets = Sockets::anonymous().unwrap();
        sockets.add_trusted_ca(&self.read("ca.cert")).unwrap();
        let (certificate, key) = (self.read(&format!("{name}.cert")), self.read(&format!("{name}.key")));
        sockets.set_certificate_and_private_key(&certificate, &key).unwrap();
        sockets
    }
}

fn required() -> [ConfigEntry; 2] {
    [ConfigValue::IP_ALLOW_WITHOUT_AUTH, ConfigValue::IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH]
        .map(|option| ConfigEntry::new(option, 0))
}

#[test]
fn from_nothing_to_an_authenticated_connection() {
    let folder = Folder::new("connection").with_members(&["server", "alice"]);
    let (server, client) = (folder.member("server"), folder.member("alice"));
    let socket = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &required()).unwrap();
    let address = server.listen_socket_address(socket).unwrap();
    client.connect_by_ip_address(address, &required()).unwrap();
    loop {
        let Some(Event::ConnectionStatusChanged { connection, info, .. }) = server.wait_event(LIMIT) else { continue };
        match info.connection_state {
            ConnectionState::Connecting => server.accept_connection(connection).unwrap(),
            ConnectionState::Connected => {
                assert_eq!(info.identity_string, "str:alice");
                assert!(!info.info_flags.contains(InfoFlags::UNAUTHENTICATED));
                return;
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_certificate_is_verified_and_revoked() {
    let folder = Folder::new("revocation").with_members(&["alice"]);
    assert!(folder.run("verify --ca ca.cert --identity str:alice alice.cert").contains("valid, of str:alice"));
    folder.run("verify --ca ca.pub alice.cert");
    assert!(folder.fail("verify --ca ca.cert --identity str:bob alice.cert").contains("str:bob"));
    assert!(folder.fail("verify --ca ca.cert --app 7 alice.cert").contains("app 7"));

    assert!(folder.run("revoke --list revoked.txt alice.cert").starts_with("revoked "));
    assert!(folder.run("revoke --list revoked.txt alice.req").contains("already"));
    assert!(folder.run("revoke --list revoked.txt 17").contains("revoked 17"));
    let list = String::from_utf8(folder.read("revoked.txt")).unwrap();
    assert!(list.contains("# str:alice") && list.ends_with("17\n"), "{list}");
    assert!(folder.fail("verify --ca ca.cert --revoked revoked.txt alice.cert").contains("is revoked"));
    let sockets = Sockets::anonymous().unwrap();
    assert_eq!(sockets.revoke_all(&list), Ok(2));
    sockets.set_certificate_and_private_key(&folder.read("alice.cert"), &folder.read("alice.key")).unwrap_err();
}

#[test]
fn a_ca_below_another_is_held_to_its_scope() {
    let folder = Folder::new("chain").with_members(&["alice"]);
    folder.run("ca create --out cup --signed-by ca.key --app 480 --pop fra --days 30");
    folder.run("sign --ca-key cup.key --app 480 --pop fra --out alice.cert alice.req");
    folder.run("verify --ca ca.cert --ca cup.cert --app 480 alice.cert");
    assert!(folder.fail("verify --ca cup.cert --app 480 alice.cert").contains("not known"));
    assert!(folder.fail("verify --ca ca.cert --app 480 alice.cert").contains("not known"));
    folder.run("sign --ca-key cup.key --app 480 --app 5 --pop fra --out alice.cert alice.req");
    assert!(folder.fail("verify --ca ca.cert --ca cup.cert --app 5 alice.cert").contains("may not vouch"));
    folder.run("sign --ca-key cup.key --app 480 --pop iad --out alice.cert alice.req");
    assert!(folder.fail("verify --ca ca.cert --ca cup.cert --app 480 alice.cert").contains("may not vouch"));
}

#[test]
fn certificates_are_valid_as_long_as_it_says() {
    let folder = Folder::new("validity").with_members(&["alice"]);
    folder.run("sign --ca-key ca.key --days 3 --out short.cert alice.req");
    for (file, days) in [("ca.cert", 3650), ("alice.cert", 730), ("short.cert", 3)] {
        let signed = read_certificates(&folder.read(file)).unwrap().remove(0);
        let certificate = Certificate::decode(&signed.cert.unwrap()[..]).unwrap();
        assert_eq!(certificate.time_expiry.unwrap() - certificate.time_created.unwrap(), days * 86_400, "{file}");
    }
}

#[test]
fn files_say_what_they_are_and_keep_their_secrets() {
    let folder = Folder::new("inspection").with_members(&["alice"]);
    folder.run("sign --ca-key ca.key --app 480 --pop fra --days 1 --out alice.cert alice.req");
    let text = folder.run("inspect alice.cert alice.req alice.key ca.pub ca.cert");
    for expected in ["str:alice", "480", "fra", "signed by ", "request", "private key ", "public key ", "self-signed"] {
        assert!(text.contains(expected), "{expected} is missing in:\n{text}");
    }
    let secret = String::from_utf8(folder.read("alice.key")).unwrap();
    let body: Vec<&str> = secret.lines().filter(|line| !line.starts_with("---")).collect();
    assert!(body.iter().all(|line| !text.contains(line)));
    #[cfg(unix)]
    for key in ["ca.key", "alice.key"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.0.join(key)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }
}

#[test]
fn mistakes_are_named_and_destroy_nothing() {
    let folder = Folder::new("mistakes").with_members(&["alice"]);
    let key = folder.read("ca.key");
    assert!(folder.fail("ca create --out ca").contains("exists already"));
    assert_eq!(folder.read("ca.key"), key);
    let alices_key = folder.read("alice.key");
    folder.run("request --identity str:alice --key alice.key --out again.req");
    assert_eq!(folder.read("alice.key"), alices_key, "a key is used again");
    assert!(folder.fail("request --identity alice --key a.key --out a.req").contains("alice"));
    assert!(folder.fail("request --identity ip:127.0.0.1 --key a.key --out a.req").contains("anonymous"));
    assert!(folder.fail("sign --ca-key ca.key --identity str:bob --out b.cert alice.req").contains("str:bob"));
    assert!(folder.fail("sign --ca-key ca.pub --out b.cert alice.req").contains("ca.pub: not a private key"));
    assert!(folder.fail("sign --ca-key ca.key --out b.cert nowhere.req").contains("nowhere.req"));
    assert!(folder.fail("sign --ca-key ca.key --out b.cert alice.cert").contains("alice.cert"));
    assert!(folder.fail("sign --ca-key ca.key --days 4000000 --out b.cert alice.req").contains("2106"));
    assert!(folder.fail("sign --ca-key ca.key --pop FRANKFURT --out b.cert alice.req").contains("FRANKFURT"));
    assert!(!folder.0.join("b.cert").exists());
    let certificate = folder.read("alice.cert");
    folder.write("cut.cert", &certificate[..certificate.len() - 40]);
    assert!(folder.fail("verify --ca ca.cert cut.cert").contains("cut off"));
    assert!(folder.fail("inspect cut.cert").contains("cut off"));
    folder.write("revoked.txt", b"seventeen\n");
    assert!(folder.fail("revoke --list revoked.txt 17").contains("line 1"));
    assert!(folder.fail("verify --ca ca.cert --revoked revoked.txt alice.cert").contains("line 1"));
    assert_eq!(folder.read("revoked.txt"), b"seventeen\n");
    assert!(folder.fail("verify --ca alice.cert alice.cert").contains("identity"));
    let help = folder.run("--help");
    assert!(help.contains("Examples") && help.contains("gamesockets-cert sign --ca-key ca.key"), "{help}");
}

#[test]
fn a_private_key_is_never_written_over() {
    let folder = Folder::new("over-keys").with_members(&["alice"]);
    let keys = [folder.read("ca.key"), folder.read("alice.key")];
    assert!(folder.fail("sign --ca-key ca.key --out ca.key alice.req").contains("ca.key: is a private key"));
    assert!(folder.fail("request --identity str:alice --key alice.key --out ca.key").contains("ca.key"));
    assert!(folder.fail("request --identity str:alice --key alice.key --out alice.key").contains("alice.key"));
    assert!(folder.fail("request --identity str:bob --key bob --out bob").contains("a file each"));
    assert!(!folder.0.join("bob").exists());
    assert_eq!([folder.read("ca.key"), folder.read("alice.key")], keys);
    folder.run("sign --ca-key ca.key --out alice.cert alice.req");
}

#[test]
fn nothing_is_overwritten_but_what_is_made_again() {
    let folder = Folder::new("over-others").with_members(&["alice"]);
    // What ssh-keygen makes with a passphrase.
    let encrypted = [&b"openssh-key-v1\0\0\0\0\x0aaes256-ctr\0\0\0\x06bcrypt"[..], &[7; 100]].concat();
    folder.write("passphrase", armour::encode(armour::PRIVATE_KEY_LABEL, &encrypted).as_bytes());
    folder.write("rsa", b"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n");
    folder.write("both", &[folder.read("alice.cert"), folder.read("rsa")].concat());
    folder.write("thesis", b"PuTTY-User-Key-File-3: or the work of three years\n");
    folder.write("revoked.txt", b"# none\n17\n");
    for (file, kind) in [
        ("passphrase", "passphrase"),
        ("rsa", "another kind"),
        ("both", "private key"),
        ("thesis", "does not know"),
        ("revoked.txt", "a list"),
        ("ca.pub", "a public key"),
        ("alice.req", "a request"),
    ] {
        let before = folder.read(file);
        let problem = folder.fail(&format!("sign --ca-key ca.key --out {file} alice.req"));
        assert!(problem.contains(&format!("{file}: is ")) && problem.contains(kind), "{problem}");
        if file != "alice.req" {
            let problem = folder.fail(&format!("request --identity str:bob --key bob.key --out {file}"));
            assert!(problem.contains(kind), "{problem}");
        }
        assert_eq!(folder.read(file), before, "{file}");
    }
    assert!(!folder.0.join("bob.key").exists(), "a key without a request");
    for file in ["passphrase", "rsa", "alice.cert", "thesis"] {
        let before = folder.read(file);
        folder.fail(&format!("revoke --list {file} 17"));
        folder.fail(&format!("request --identity str:alice --key {file} --out new.req"));
        assert_eq!(folder.read(file), before, "{file}");
    }
    assert!(folder.fail("ca create --out late --days 4000000").contains("2106"));
    assert!(!folder.0.join("late.key").exists(), "the half of a CA");
    // A certificate is made again, through a link too.
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("alice.cert", folder.0.join("link.cert")).unwrap();
        let before = folder.read("alice.cert");
        folder.run("sign --ca-key ca.key --days 5 --out link.cert alice.req");
        assert_ne!(folder.read("alice.cert"), before);
        assert!(folder.0.join("link.cert").is_symlink());
    }
    folder.run("sign --ca-key ca.key --out alice.cert alice.req");
    let left = std::fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.filter(|name| name.ends_with(".new")).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn files_without_end_are_refused() {
    let folder = Folder::new("endless");
    folder.write("large", &vec![b'a'; (16 << 20) + 1]);
    assert!(folder.fail("inspect large").contains("large: too large"));
    #[cfg(target_os = "linux")]
    assert!(folder.fail("inspect /dev/zero").contains("/dev/zero: too large"));
}
