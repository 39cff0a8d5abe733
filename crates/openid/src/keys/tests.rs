//! Tokens that AWS-LC signs, as they are and otherwise.

use super::*;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use serde_json::json;

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn signed(header: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let claims = json!({ "sub": "u1" }).to_string();
    let text = format!("{}.{}", encoded(header.to_string()), encoded(claims));
    let signature = sign(text.as_bytes());
    format!("{text}.{}", encoded(signature))
}

fn keys(keys: &[&Value]) -> Keys {
    serde_json::from_value(json!({ "keys": keys })).expect("a set of keys")
}

fn fault(keys: &Keys, token: &str) -> Fault {
    keys.claims(token).expect_err("it is not good")
}

/// A pair for RSA, and how its public half is told.
fn rsa(kid: &str) -> (RsaKeyPair, Value) {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a pair");
    // A sequence of two numbers, the first with a zero in front. Source: RFC 8017 appendix A.1.1.
    let public = pair.public_key().as_ref();
    let (n, e) = (encoded(&public[9..265]), encoded(&public[267..]));
    assert_eq!(e, "AQAB");
    let key = json!({ "kty": "RSA", "use": "sig", "kid": kid, "n": n, "e": e });
    (pair, key)
}

fn by_rsa(pair: &RsaKeyPair, how: &'static dyn RsaEncoding, text: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; pair.public_modulus_len()];
    let signed = pair.sign(how, &SystemRandom::new(), text, &mut signature);
    signed.expect("it signs");
    signature
}

#[test]
fn what_a_key_signed_is_taken() {
    let (pair, key) = rsa("k1");
    let odd = json!({ "kty": "AKP", "kid": 7 });
    let set = keys(&[&odd, &key]);
    for (alg, how) in [
        ("RS256", &RSA_PKCS1_SHA256 as &'static dyn RsaEncoding),
        ("PS512", &RSA_PSS_SHA512),
    ] {
        for header in [json!({ "alg": alg, "kid": "k1" }), json!({ "alg": alg })] {
            let token = signed(&header, |text| by_rsa(&pair, how, text));
            assert_eq!(set.claims(&token).expect("it is good")["sub"], "u1");
        }
    }
    for (alg, curve, algorithm) in [
        ("ES256", "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING),
        ("ES384", "P-384", &ECDSA_P384_SHA384_FIXED_SIGNING),
        ("ES512", "P-521", &ECDSA_P521_SHA512_FIXED_SIGNING),
    ] {
        let pair = EcdsaKeyPair::generate(algorithm).expect("a pair");
        let (x, y) = pair.public_key().as_ref()[1..]
            .split_at_checked(pair.public_key().as_ref().len() / 2)
            .expect("two halves");
        let key = json!({ "kty": "EC", "crv": curve, "x": encoded(x), "y": encoded(y) });
        let sign = |text: &[u8]| {
            let signature = pair.sign(&SystemRandom::new(), text);
            signature.expect("it signs").as_ref().to_vec()
        };
        let token = signed(&json!({ "alg": alg }), sign);
        assert!(keys(&[&key]).claims(&token).is_ok(), "{alg}");
        assert_eq!(fault(&set, &token), Fault::Signature, "{alg}");
    }
    let pair = Ed25519KeyPair::generate().expect("a pair");
    let x = encoded(pair.public_key().as_ref());
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
    let sign = |text: &[u8]| pair.sign(text).as_ref().to_vec();
    let token = signed(&json!({ "alg": "EdDSA" }), sign);
    assert!(keys(&[&key]).claims(&token).is_ok());
}

#[test]
fn what_nobody_or_another_signed_is_not() {
    let (pair, key) = rsa("k1");
    let (other, _) = rsa("k1");
    let set = keys(&[&key]);
    let rs256 = json!({ "alg": "RS256", "kid": "k1" });
    let by = |pair: &RsaKeyPair, header: &Value| {
        signed(header, |text| by_rsa(pair, &RSA_PKCS1_SHA256, text))
    };
    let good = by(&pair, &rs256);
    assert!(set.claims(&good).is_ok());

    assert_eq!(fault(&set, &by(&other, &rs256)), Fault::Signature);
    let (head, rest) = good.split_once('.').expect("a header");
    let (_, signature) = rest.split_once('.').expect("claims");
    let claims = encoded(json!({ "sub": "u2" }).to_string());
    let changed = format!("{head}.{claims}.{signature}");
    assert_eq!(fault(&set, &changed), Fault::Signature);
    let unsigned = format!("{head}.{claims}.");
    assert_eq!(fault(&set, &unsigned), Fault::Signature);
    for text in [
        "",
        "a.b",
        "a.b.c",
        &format!("{good}.x"),
        &format!("{head}.{claims}"),
    ] {
        assert_eq!(fault(&set, text), Fault::Form, "{text}");
    }

    // Whoever has the public key could sign by these.
    for alg in ["none", "None", "", "HS256", "rs256"] {
        let header = json!({ "alg": alg, "kid": "k1" });
        let unknown = Fault::Algorithm(alg.to_owned());
        assert_eq!(fault(&set, &by(&pair, &header)), unknown);
    }
    let critical = json!({ "alg": "RS256", "kid": "k1", "crit": ["b64"], "b64": false });
    let unknown = Fault::Algorithm("RS256".to_owned());
    assert_eq!(fault(&set, &by(&pair, &critical)), unknown);
    // A signature of one way is none of another.
    let ps256 = json!({ "alg": "PS256", "kid": "k1" });
    assert_eq!(fault(&set, &by(&pair, &ps256)), Fault::Signature);

    let unknown = json!({ "alg": "RS256", "kid": "k2" });
    assert_eq!(fault(&set, &by(&pair, &unknown)), Fault::Key);
    for (name, value) in [("use", "enc"), ("alg", "RS512")] {
        let mut key = key.clone();
        key[name] = value.into();
        assert_eq!(fault(&keys(&[&key]), &good), Fault::Key, "{name}");
    }
    assert_eq!(fault(&keys(&[]), &good), Fault::Key);
}
