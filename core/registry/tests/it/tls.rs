//! TLS by the system's certificates: a stranger is refused, a known authority is trusted.

use std::{path::Path, process::Command, sync::Arc};

use slipway_model::Digest;
use slipway_registry::{Fetch, Silent, fetch_url};

use crate::{
    registry::{Auth, Certificate, Server},
    support::{client, deployer},
};

/// Set in the copy of this program that trusts the test's authority: certificates are chosen by the environment.
const ADDRESS: &str = "REGISTRY_TEST_TLS_ADDRESS";

#[tokio::test]
async fn only_known_authorities_are_trusted() {
    if let Ok(address) = std::env::var(ADDRESS) {
        assert_eq!(fetch(&address).await, Ok(2));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let made = |name| folder.path().join(name);
    std::fs::write(made("names"), "subjectAltName=IP:127.0.0.1\n").unwrap();
    let new = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(
        folder.path(),
        &format!("req -x509 {new} -keyout ca.key -out ca.pem -days 2 -subj /CN=authority"),
    );
    openssl(
        folder.path(),
        &format!("req {new} -keyout key.pem -out request.pem -subj /CN=registry"),
    );
    let sign = "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile names";
    openssl(folder.path(), sign);
    let certificate = Certificate {
        certificate: &made("cert.pem"),
        key: &made("key.pem"),
    };
    let server = Server::start_with(Auth::Basic, Some(&certificate));
    // What the API answers first: an empty object, to those with credentials.
    let address = format!("https://{}/v2/", server.host);

    let refused = fetch(&address).await.unwrap_err();
    insta::assert_snapshot!(refused.replace(&server.host, "HOST"));

    let trusting = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tls::only_known_authorities_are_trusted"])
        .env("SSL_CERT_FILE", made("ca.pem"))
        .env(ADDRESS, &address)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&trusting.stdout);
    assert!(trusting.status.success() && said.contains("1 passed"), "{said}");
}

async fn fetch(url: &str) -> Result<u64, String> {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("answer");
    let fetch = Fetch {
        url,
        digest: Digest::of("{}"),
        plain: false,
        limit: 10,
        into,
        progress: Arc::new(Silent),
    };
    fetch_url(&client(deployer), fetch)
        .await
        .map_err(|error| error.to_string())
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output();
    let output = output.expect("`openssl` cannot be started; install it: apt-get install openssl");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
