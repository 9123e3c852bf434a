//! Keys are made as the tests go; what `cosign` itself writes is in the end-to-end tests.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
        KeyPair as _,
    },
};
use serde_json::{Value, json};

use slipway_model::Digest;

use super::*;
use crate::{
    Anonymous, Client, Descriptor, ManifestBuilder, Patience, Registry, RegistryUrl, Repository, media,
};

enum Pair {
    Ecdsa(EcdsaKeyPair, &'static [u8]),
    Ed25519(Ed25519KeyPair),
}

const P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const P384: &[u8] = &[
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81,
    0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
];
const PLAIN: &[u8] = &[
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

impl Pair {
    fn p256() -> Self {
        Self::ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING, P256)
    }

    fn p384() -> Self {
        Self::ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING, P384)
    }

    fn ecdsa(kind: &'static ring::signature::EcdsaSigningAlgorithm, prefix: &'static [u8]) -> Self {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Self::Ecdsa(
            EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random).unwrap(),
            prefix,
        )
    }

    fn ed25519() -> Self {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap())
    }

    fn pem(&self) -> String {
        let (prefix, key) = match self {
            Self::Ecdsa(pair, prefix) => (*prefix, pair.public_key().as_ref()),
            Self::Ed25519(pair) => (PLAIN, pair.public_key().as_ref()),
        };
        let der = [prefix, key].concat();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(der)
        )
    }

    fn public(&self) -> PublicKey {
        PublicKey::from_pem(self.pem().as_bytes()).unwrap()
    }

    fn sign(&self, content: &[u8]) -> Vec<u8> {
        match self {
            Self::Ecdsa(pair, _) => pair
                .sign(&SystemRandom::new(), content)
                .unwrap()
                .as_ref()
                .to_vec(),
            Self::Ed25519(pair) => pair.sign(content).as_ref().to_vec(),
        }
    }
}

fn payload(digest: &Digest) -> Value {
    json!({
        "critical": {
            "identity": { "docker-reference": "registry.example/web" },
            "image": { "docker-manifest-digest": digest },
            "type": "cosign container image signature",
        },
        "optional": { "env": "prod", "build": 7 },
    })
}

fn statement(digest: &Digest) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "digest": { "sha256": digest.hex() }, "annotations": { "env": "prod", "build": 7 } }],
        "predicateType": "https://sigstore.dev/cosign/sign/v1",
        "predicate": {},
    })
}

fn signature(form: Form, key: &Pair, payload: &Value) -> Signature {
    let payload = payload.to_string().into_bytes();
    let signed = match form {
        Form::SimpleSigning => payload.clone(),
        Form::Bundle => bundle::signed(&payload),
    };
    Signature {
        form,
        manifest: Digest::of("manifest"),
        signature: key.sign(&signed),
        payload,
    }
}

const FORMS: [Form; 2] = [Form::SimpleSigning, Form::Bundle];

/// What is signed in that form.
fn about(form: Form, digest: &Digest) -> Value {
    match form {
        Form::SimpleSigning => payload(digest),
        Form::Bundle => statement(digest),
    }
}

#[test]
fn every_kind_of_key_in_every_form() {
    let image = Digest::of("image");
    for form in FORMS {
        for key in [Pair::p256(), Pair::p384(), Pair::ed25519()] {
            let made = signature(form, &key, &about(form, &image));
            let (right, wrong) = (key.public(), Pair::p256().public());
            let verified = made.verify(&image, [&wrong, &right], &BTreeMap::new());
            assert_eq!(verified, Ok(&right), "{form}");
            let refused = made.verify(&image, [&wrong], &BTreeMap::new());
            assert_eq!(refused, Err(Useless::Stranger), "{form}");
            // As it is kept with the record of a run.
            let kept: Signature = serde_json::from_value(json!(made)).unwrap();
            assert_eq!(kept, made);
        }
    }
}

#[test]
fn what_is_forged_is_refused() {
    let (image, other) = (Digest::of("image"), Digest::of("other"));
    let key = Pair::p256();
    let public = key.public();
    let check = |made: &Signature, claims: &[(&str, &str)], expected: &str| {
        let claims = claims
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let verified = made.verify(&image, [&public], &claims.collect());
        let found = verified.map_or_else(|why| why.to_string(), |_| String::new());
        assert_eq!(found, expected);
    };
    let none_made = "none of these keys has made it";
    for form in FORMS {
        let good = signature(form, &key, &about(form, &image));
        check(&good, &[], "");
        check(&good, &[("env", "prod"), ("build", "7")], "");
        check(
            &good,
            &[("env", "test")],
            "it does not say env = \"test\", but \"prod\"",
        );
        check(&good, &[("by", "ci")], "it does not say by = \"ci\"");
        // The bundle of another image, attached to this one.
        let swapped = signature(form, &key, &about(form, &other));
        check(&swapped, &[], &format!("it is about {other}"));
        // A payload that was changed after it was signed.
        let mut changed = swapped.clone();
        changed.payload.clone_from(&good.payload);
        check(&changed, &[], none_made);
        let mut cut = good.clone();
        cut.signature.pop();
        check(&cut, &[], none_made);
        // What is signed in one form is not signed in the other.
        let mut turned = good.clone();
        turned.form = if form == Form::Bundle {
            Form::SimpleSigning
        } else {
            Form::Bundle
        };
        check(&turned, &[], none_made);
        let nothing = signature(form, &key, &json!({}));
        let verified = nothing.verify(&image, [&public], &BTreeMap::new());
        assert!(matches!(verified, Err(Useless::Shape(_))), "{verified:?}");
    }
    let mut kind = payload(&image);
    kind["critical"]["type"] = json!("atomic container signature");
    let text = "what is signed is no signature of an image: its type is `atomic container signature`";
    check(&signature(Form::SimpleSigning, &key, &kind), &[], text);
    let mut many = statement(&image);
    many["subject"] = json!([many["subject"][0], many["subject"][0]]);
    let text = "what is signed is no signature of an image: it has 2 subjects";
    check(&signature(Form::Bundle, &key, &many), &[], text);
    let mut attested = statement(&image);
    attested["predicateType"] = json!("https://slsa.dev/provenance/v1");
    let text = "what is signed is no signature of an image: it is a https://in-toto.io/Statement/v1 with https://slsa.dev/provenance/v1";
    check(&signature(Form::Bundle, &key, &attested), &[], text);
    // The first of two digests is not the one that counts.
    let text = payload(&image).to_string();
    let twice = text.replacen(
        "\"docker-manifest-digest\"",
        &format!("\"docker-manifest-digest\":\"{other}\",\"docker-manifest-digest\""),
        1,
    );
    let twice = Signature {
        signature: key.sign(twice.as_bytes()),
        payload: twice.into_bytes(),
        form: Form::SimpleSigning,
        manifest: image,
    };
    let refused = twice.verify(&image, [&public], &BTreeMap::new());
    assert!(
        matches!(&refused, Err(Useless::Shape(why)) if why.contains("duplicate")),
        "{refused:?}"
    );
}

#[test]
fn keys_that_are_none() {
    let rsa = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL==\n-----END PUBLIC KEY-----\n";
    let private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let short = Pair::ed25519().pem().replace("MCowBQYDK2VwAyEA", "MCowBQYDK2Vw");
    for bad in ["", "key", rsa, private, &short] {
        assert!(PublicKey::from_pem(bad.as_bytes()).is_err(), "{bad}");
    }
}

struct Place {
    _folder: tempfile::TempDir,
    repository: Repository,
    image: Descriptor,
}

async fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::new(Anonymous, Patience::default()).unwrap();
    let registry = Registry::open(&RegistryUrl::Layout(folder.path().to_owned()), &client);
    let repository = registry.repository(&"web".parse().unwrap());
    let config = repository.push_bytes(media::EMPTY, "{}").await.unwrap();
    let image = ManifestBuilder::new("application/x", config).bytes();
    let image = repository.put_manifest(None, image).await.unwrap();
    Place {
        _folder: folder,
        repository,
        image,
    }
}

impl Place {
    /// As cosign does it: all of them under one tag.
    async fn attach_simple(&self, signed: &[(Vec<u8>, Vec<u8>)]) {
        let config = self.repository.push_bytes(media::EMPTY, "{}").await.unwrap();
        let mut manifest = ManifestBuilder::new("application/x", config);
        for (payload, signature) in signed {
            let pushed = self.repository.push_bytes(simple::LAYER, payload.clone()).await;
            let mut layer = pushed.unwrap();
            let signature = STANDARD.encode(signature);
            layer.annotations.insert(simple::SIGNATURE.to_owned(), signature);
            manifest = manifest.layer(layer);
        }
        let tag = format!("sha256-{}.sig", self.image.digest.hex());
        let tag = tag.parse().unwrap();
        let stored = self.repository.put_manifest(Some(&tag), manifest.bytes());
        stored.await.unwrap();
    }

    async fn attach_bundle(&self, bundle: impl Into<Vec<u8>>) {
        let config = self.repository.push_bytes(media::EMPTY, "{}").await.unwrap();
        let layer = self.repository.push_bytes(bundle::LAYER, bundle.into()).await;
        let manifest = ManifestBuilder::new(bundle::LAYER, config).layer(layer.unwrap());
        let mut manifest: Value = serde_json::from_slice(&manifest.bytes()).unwrap();
        manifest["subject"] = json!(self.image);
        let stored = self
            .repository
            .put_manifest(None, manifest.to_string().into_bytes().into());
        stored.await.unwrap();
    }
}

fn wrapped(made: &Signature) -> Value {
    json!({
        "mediaType": bundle::LAYER,
        "verificationMaterial": { "publicKey": { "hint": "any" } },
        "dsseEnvelope": {
            "payload": STANDARD.encode(&made.payload),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{ "sig": STANDARD.encode(&made.signature) }],
        },
    })
}

#[tokio::test]
async fn a_good_one_is_found_among_what_is_not() {
    let place = place().await;
    let image = place.image.digest;
    let (key, stranger) = (Pair::p256(), Pair::ed25519());
    let simple = signature(Form::SimpleSigning, &stranger, &payload(&image));
    place
        .attach_simple(&[
            (simple.payload.clone(), simple.signature.clone()),
            (vec![b' '; (simple::PAYLOAD_LIMIT + 1) as usize], vec![0]),
        ])
        .await;
    place.attach_bundle("{").await;
    let good = signature(Form::Bundle, &key, &statement(&image));
    let mut attested = statement(&image);
    attested["predicateType"] = json!("https://slsa.dev/provenance/v1");
    let attested = signature(Form::Bundle, &key, &attested);
    let mut keyless = wrapped(&good);
    keyless["verificationMaterial"] = json!({ "certificate": { "rawBytes": "" } });
    for bundle in [wrapped(&attested), keyless, wrapped(&good)] {
        place.attach_bundle(bundle.to_string()).await;
    }

    let found = signatures(&place.repository, &image).await.unwrap();
    let public = key.public();
    let holds = |one: &&Signature| one.verify(&image, [&public], &BTreeMap::new()).is_ok();
    assert_eq!(found.found.iter().filter(holds).count(), 1);
    assert_eq!(found.found.len(), 2);
    let mut why: Vec<_> = found.unusable.iter().map(|(_, why)| why.as_str()).collect();
    why.sort_unstable();
    let [broken, large, keyless] = why.as_slice() else {
        panic!("{why:?}");
    };
    assert!(broken.contains("EOF"), "{broken}");
    assert!(keyless.contains("certificate"), "{keyless}");
    assert!(large.contains("larger than the limit"), "{large}");
    assert!(!found.more);
}

#[tokio::test]
async fn only_so_many_are_looked_at() {
    let place = place().await;
    let junk: Vec<_> = (0..200u32)
        .map(|number| (number.to_string().into_bytes(), vec![0]))
        .collect();
    place.attach_simple(&junk).await;
    let mut attested = statement(&place.image.digest);
    attested["predicateType"] = json!("https://slsa.dev/provenance/v1");
    let attested = signature(Form::Bundle, &Pair::ed25519(), &attested);
    place.attach_bundle(wrapped(&attested).to_string()).await;
    let found = signatures(&place.repository, &place.image.digest).await.unwrap();
    assert_eq!((found.found.len(), found.more), (128, true));
    // Nothing beside it is nothing found.
    let none = signatures(&place.repository, &Digest::of("else")).await.unwrap();
    assert_eq!(none, Signatures::default());
}

/// What `cosign` itself has written for three keys, in both forms.
#[test]
fn what_cosign_has_signed() {
    #[derive(serde::Deserialize)]
    struct Kept {
        key: String,
        public: String,
        image: Digest,
        payload: String,
        signature: String,
        bundle: String,
    }
    let kept: Vec<Kept> = serde_json::from_str(include_str!("testdata/cosign-v3.1.3.json")).unwrap();
    assert_eq!(kept.len(), 3);
    for one in &kept {
        let public = PublicKey::from_pem(one.public.as_bytes()).unwrap();
        assert!(format!("{public:?}").starts_with(&one.key), "{public:?}");
        let opened = bundle::open(one.bundle.as_bytes()).unwrap().unwrap();
        let bundle = Signature::new(one.image, opened);
        let simple = Signature {
            form: Form::SimpleSigning,
            manifest: one.image,
            payload: one.payload.clone().into_bytes(),
            signature: STANDARD.decode(&one.signature).unwrap(),
        };
        for made in [bundle, simple] {
            let verified = made.verify(&one.image, [&public], &BTreeMap::new());
            assert_eq!(verified, Ok(&public), "{} {}", one.key, made.form);
            let other = made.verify(&Digest::of("other"), [&public], &BTreeMap::new());
            assert!(matches!(other, Err(Useless::Other(_))), "{other:?}");
        }
    }
}

#[tokio::test]
async fn what_is_signed_here_stands_beside_what_others_have_signed() {
    let place = place().await;
    let (image, others) = (place.image.digest, Pair::p256());
    let first = signature(Form::SimpleSigning, &others, &payload(&image));
    place
        .attach_simple(&[(first.payload.clone(), first.signature.clone())])
        .await;
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode([&PKCS8[..], &[7; 32]].concat())
    );
    let signer = Signer::from_pem(pem.as_bytes()).unwrap();
    let tag = format!("sha256-{}.sig", image.hex()).parse().unwrap();
    let mut tagged = Vec::new();
    for _ in 0..2 {
        sign(&place.repository, &image, &signer).await.unwrap();
        tagged.push(place.repository.resolve(&tag).await.unwrap().unwrap().digest);
        let found = signatures(&place.repository, &image).await.unwrap();
        assert_eq!((found.found.len(), found.unusable.len()), (2, 0));
        for key in [signer.public(), &others.public()] {
            let holds = |one: &&Signature| one.verify(&image, [key], &BTreeMap::new()).is_ok();
            assert_eq!(found.found.iter().filter(holds).count(), 1, "{key:?}");
        }
    }
    assert_eq!(tagged[0], tagged[1], "signed once");
    for bad in ["", &others.pem(), &pem.replace("MC4CAQ", "MC8CAQ")] {
        assert!(Signer::from_pem(bad.as_bytes()).is_err(), "{bad}");
    }
}

const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
