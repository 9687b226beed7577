//! What every cloud must do, of S3.

mod behind;
mod each_cloud;
mod in_process;
mod line;
mod sample;

use std::fs;
use std::time::Duration;
use tests::{Cloud, FaultProxy, Moto, PodIdentity, TokenService, contents};
use tokio::time::Instant;

async fn moto() -> Moto {
    Moto::start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_what_the_stages_take_for_granted() {
    each_cloud::keeps_what_the_stages_take_for_granted(&moto().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_passes_the_clients_own_suite() {
    each_cloud::passes_the_clients_own_suite(&moto().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_have_the_class_that_was_asked_for() {
    each_cloud::objects_have_the_class_that_was_asked_for(&moto().await, "storage-class", "STANDARD_IA")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_comes_whole_in_parts() {
    each_cloud::a_large_file_comes_whole_in_parts(&moto().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_goes() {
    each_cloud::what_has_expired_goes(&moto().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_bucket_from_being_written_is_named() {
    let no_such = "there is no such bucket; create it, or correct the sink URI";
    each_cloud::what_keeps_a_bucket_from_being_written_is_named(&moto().await, no_such).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_says_who_asks_and_whom() {
    let moto = moto().await;
    moto.make("bucket").await;
    let expected = each_cloud::in_a_folder().await;
    let endpoint = format!("http://{}", moto.address());
    let environment = [
        ("AWS_ENDPOINT_URL", &*endpoint),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    each_cloud::write_sample("s3://bucket/p?request-limit=64", &environment).await.succeeded();
    each_cloud::has_the_same(&*moto.client("bucket"), "p", &expected).await;
}

/// Between two requests, of which the sample takes hundreds, one after the other.
const PAUSE: Duration = Duration::from_millis(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_run_outlives_its_credentials() {
    let expected = each_cloud::in_a_folder().await;
    let moto = moto().await;
    moto.make("bucket").await;
    let good_for = Duration::from_secs(1);
    let pod = PodIdentity::start(good_for).await.unwrap();
    let proxy = FaultProxy::start(moto.address()).await.unwrap();
    let mut judge = pod.judge();
    // moto answers at once: without pauses, how long a run takes would be the machine's affair.
    proxy.set_rule(move |request| {
        std::thread::sleep(PAUSE);
        judge(request)
    });
    let environment = pod.environment();
    let environment = environment.each_ref().map(|(name, value)| (*name, &**value));
    let uri = format!("s3://bucket/p?endpoint=http://{}&request-limit=1", proxy.address());
    let start = Instant::now();
    each_cloud::write_sample(&uri, &environment).await.succeeded();
    let took = start.elapsed();
    assert!(took > good_for * 2, "its first credentials were good for most of it: it took {took:?}");
    assert!(pod.issued() > 2 && proxy.faults() == 0, "{} issued, {} refused", pod.issued(), proxy.faults());
    each_cloud::has_the_same(&*moto.client("bucket"), "p", &expected).await;
}

/// Roles, and what the policy of the first asks for.
const ROLE: &str = "arn:aws:iam::123456789012:role/writer";
const FURTHER: &str = "arn:aws:iam::210987654321:role/writer";
const ID: &str = "an-external-id";

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_taken_on_and_renewed_in_a_run() {
    let expected = each_cloud::in_a_folder().await;
    let moto = moto().await;
    moto.make("bucket").await;
    let service = TokenService::start(Duration::from_secs(2), vec![(ROLE, Some(ID))]).await.unwrap();
    let proxy = FaultProxy::start(moto.address()).await.unwrap();
    let mut judge = service.judge();
    proxy.set_rule(move |request| {
        std::thread::sleep(PAUSE);
        judge(request)
    });
    let (name, url) = service.environment();
    let uri = format!(
        "s3://bucket/p?endpoint=http://{}&request-limit=1&access-key=base&secret-access-key=test&role-arn={ROLE}\
         &external-id={ID}",
        proxy.address()
    );
    let ended = each_cloud::write_sample(&uri, &[(name, &url)]).await;
    assert!(!ended.succeeded().stderr.contains(ID), "{}", ended.stderr);
    let given = service.given();
    assert!(given.len() > 2 && proxy.faults() == 0, "{} given, {} refused", given.len(), proxy.faults());
    assert!(given.iter().all(|given| *given == (ROLE.to_owned(), "base".to_owned())), "{given:?}");
    each_cloud::has_the_same(&*moto.client("bucket"), "p", &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_amazons_hands_out_its_own_roles() {
    let moto = moto().await;
    moto.make("bucket").await;
    let proxy = FaultProxy::start(moto.address()).await.unwrap();
    let uri = format!("{}&role-arn={ROLE}", Moto::sink_uri_behind(proxy.address(), "bucket", "p"));
    each_cloud::write_sample(&uri, &[]).await.succeeded();
    let log = proxy.log();
    let (of_roles, of_objects): (Vec<_>, Vec<_>) = log.iter().partition(|(request, _)| request.path == "/");
    assert_eq!(of_roles.len(), 1, "{of_roles:?}");
    assert!(of_objects.len() > 100);
    assert!(of_objects.iter().all(|(request, _)| request.header("x-amz-security-token").is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_not_given_is_told_at_once() {
    let moto = moto().await;
    moto.make("bucket").await;
    let service = TokenService::start(Duration::from_secs(60), vec![(ROLE, Some(ID))]).await.unwrap();
    let (name, url) = service.environment();
    let uri = moto.sink_uri("bucket", "p");
    for wrong in ["", "&external-id=a-guess"] {
        let error = each_cloud::told(&format!("{uri}&role-arn={ROLE}{wrong}"), &[(name, &url)]).await;
        assert!(error.contains("correct role-arn and external-id"), "{error}");
        assert!(!error.contains("a-guess"), "{error}");
    }
    let nobody = each_cloud::told(&format!("{uri}&role-arn={ROLE}"), &[(name, "http://127.0.0.1:1")]).await;
    assert!(nobody.contains("cannot assume the role") && nobody.contains("127.0.0.1:1"), "{nobody}");
    assert!(contents(&*moto.client("bucket"), "").await.unwrap().is_empty());
}

const CREDENTIALS: &str = "\
[default]
aws_access_key_id = the-default
aws_secret_access_key = a-secret
[keys]
aws_access_key_id = the-keys
aws_secret_access_key = a-secret
";

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_says_who_asks() {
    let moto = moto().await;
    moto.make("bucket").await;
    let service = TokenService::start(Duration::from_secs(600), vec![(ROLE, Some(ID)), (FURTHER, None)]);
    let service = service.await.unwrap();
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".aws")).unwrap();
    fs::write(home.path().join(".aws/credentials"), CREDENTIALS).unwrap();
    let config = format!(
        "[profile near]\nrole_arn = {ROLE}\nexternal_id = {ID}\nsource_profile = keys\n\
         [profile far]\nrole_arn = {FURTHER}\nsource_profile = near\nregion = eu-north-1\n"
    );
    fs::write(home.path().join(".aws/config"), config).unwrap();
    let (name, url) = service.environment();
    let home = home.path().display().to_string();
    let environment = [("HOME", &*home), (name, &*url)];
    let with = |more: (&'static str, &'static str)| [environment[0], environment[1], more];
    let mut given = Vec::new();
    for (option, more, roles, key, region) in [
        ("", ("UNUSED", ""), &[][..], "the-default", "us-east-1"),
        ("&profile=keys", ("AWS_PROFILE", "near"), &[], "the-keys", "us-east-1"),
        ("", ("AWS_PROFILE", "near"), &[(ROLE, "the-keys")], "of-token-0", "us-east-1"),
        (
            "&profile=far",
            ("UNUSED", ""),
            &[(ROLE, "the-keys"), (FURTHER, "of-token-1")],
            "of-token-2",
            "eu-north-1",
        ),
    ] {
        let proxy = FaultProxy::start(moto.address()).await.unwrap();
        let uri = format!("s3://bucket/p?endpoint=http://{}{option}", proxy.address());
        each_cloud::write_sample(&uri, &with(more)).await.succeeded();
        given.extend(roles.iter().map(|(role, by): &(&str, &str)| ((*role).to_owned(), (*by).to_owned())));
        assert_eq!(service.given(), given, "{option} {more:?}");
        for (request, _) in proxy.log() {
            let signature = request.header("authorization").unwrap();
            assert!(signature.contains(&format!("Credential={key}/")), "{option} {more:?}: {signature}");
            assert!(signature.contains(&format!("/{region}/s3/")), "{option} {more:?}: {signature}");
        }
    }
    let uri = format!("s3://bucket/p?endpoint=http://{}", moto.address());
    let nobody = each_cloud::told(&format!("{uri}&profile=nobody"), &environment).await;
    assert!(nobody.contains("there is no profile \"nobody\""), "{nobody}");
    assert!(!nobody.contains("a-secret"), "{nobody}");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_have_the_rights_that_were_asked_for() {
    let moto = moto().await;
    let asked = each_cloud::asked_with(&moto, "bucket", "acl=public-read").await;
    each_cloud::only_what_makes_an_object_says(&asked, "x-amz-acl", "public-read");
    let signed = asked.iter().filter(|request| request.header("x-amz-acl").is_some());
    assert!(
        signed.into_iter().all(|request| request.header("authorization").unwrap().contains("x-amz-acl;"))
    );
    // What the server makes of it, of a file in one piece and of one in parts.
    let all = contents(&*moto.client("bucket"), "").await.unwrap();
    let mut files = all.keys().filter(|key| key.ends_with(".csv"));
    for key in [files.next().unwrap(), files.next_back().unwrap()] {
        let url = format!("http://{}/bucket/{key}?acl", moto.address());
        let rights = reqwest::get(url).await.unwrap().text().await.unwrap();
        assert!(rights.contains("groups/global/AllUsers"), "{key}: {rights}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_with_locks_gets_checksums() {
    let asked = each_cloud::asked_with(&moto().await, "bucket", "object-lock-enabled=true").await;
    let mut sent = 0;
    for request in asked.iter().filter(|request| request.method == "PUT") {
        assert!(request.header("x-amz-checksum-sha256").is_some(), "{}", request.path);
        sent += 1;
    }
    assert!(sent > 100);
}
