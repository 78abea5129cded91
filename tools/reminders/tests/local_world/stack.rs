//! The program itself, and the way to a deployed stack: Lambda's Invoke API, which the local world has, too.

use std::process::{Command, Output};

use reminders::{FAILED, FINE, UNREACHABLE};
use simulator::stack::STACK;
use simulator::world::World;

use crate::world::{leaves, with_passport, world};

/// With credentials that are nobody's, and nothing else of whoever runs the test.
async fn runs(world: &World, words: &[&str]) -> (u8, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reminders"));
    command
        .env_clear()
        .env("AWS_ENDPOINT_URL_LAMBDA", world.addresses().url(world.addresses().lambda))
        .env("AWS_ACCESS_KEY_ID", "AKIDLOCAL")
        .env("AWS_SECRET_ACCESS_KEY", "a-secret-of-nobody")
        .env("AWS_CONFIG_FILE", "/nosuch/config")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nosuch/credentials")
        .env("LANG", "zh_CN.UTF-8")
        .args(["--region", "ap-southeast-1"])
        .args(words);
    let ended = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic");
    let Output { status, stdout, stderr } = ended.expect("the program runs");
    let [out, err] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).expect("text"));
    let code = status.code().and_then(|code| u8::try_from(code).ok()).expect("an exit code");
    for secret in leaves(&world.ssm().secrets()).iter().map(String::as_str).chain(["a-secret-of-nobody"]) {
        assert!(!out.contains(secret) && !err.contains(secret), "{words:?}: {out}{err}");
    }
    (code, out, err)
}

#[tokio::test(flavor = "multi_thread")]
async fn deployed_function_is_invoked_and_answers_are_told_in_chinese() {
    let world = world().await;
    let (person, id) = with_passport(&world).await;
    let openid = person.mini_program_openid.as_str();
    let (code, out, err) = runs(&world, &["--stack", STACK, "user", "find", &id]).await;
    assert_eq!((code, out.trim_end()), (FINE, format!("提醒 {id} 属于 {openid}").as_str()), "{err}");
    let (code, out, err) = runs(&world, &["--stack", STACK, "user", "show", "oNobody"]).await;
    assert_eq!((code, out.as_str()), (FAILED, ""), "{err}");
    let (code, _, err) = runs(&world, &["--stack", "elsewhere", "doctor"]).await;
    assert_eq!(code, UNREACHABLE, "{err}");
    assert!(err.contains("elsewhere-operations 不在 ap-southeast-1"), "{err}");
}
