//! Put, get, head and delete.

use super::answer::{Answer, Refusal, answer};
use super::buckets::Buckets;
use super::call::Call;
use super::conditions::{Part, wanted};
use hyper::StatusCode;

const GENERATION_MATCH: &str = "x-goog-if-generation-match";
/// What is kept of a put's headers, beside what begins with `x-goog-meta-`.
const KEPT: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "x-goog-storage-class",
];

/// <https://cloud.google.com/storage/docs/xml-api/put-object-upload>
pub(super) fn put(buckets: &mut Buckets, call: &Call) -> Result<Answer, Refusal> {
    let bucket = buckets.by_name.get(&call.bucket).ok_or(Refusal::NoSuchBucket)?;
    let generation = bucket.objects.get(&call.key).map_or(0, |object| object.generation);
    // Generation 0 is that of an object that is not there.
    if call.header(GENERATION_MATCH).is_some_and(|wanted| wanted != generation.to_string()) {
        return Err(Refusal::PreconditionFailed);
    }
    let object = buckets.object(call.body.clone(), kept(call));
    let generation = object.generation.to_string();
    let headers = [("etag", &*object.tag()), ("x-goog-generation", &*generation)];
    let done = answer(StatusCode::OK, &headers, "");
    let bucket = buckets.by_name.get_mut(&call.bucket).ok_or(Refusal::NoSuchBucket)?;
    bucket.insert(&call.key, object);
    Ok(done)
}

/// <https://cloud.google.com/storage/docs/xml-api/get-object-download>, and `HEAD`, whose body is not sent.
pub(super) fn get(buckets: &Buckets, call: &Call) -> Result<Answer, Refusal> {
    let bucket = buckets.by_name.get(&call.bucket).ok_or(Refusal::NoSuchBucket)?;
    let object = bucket.find(&call.key, call.parameter("generation")).ok_or(Refusal::NoSuchKey)?;
    let (generation, tag, changed) = (object.generation.to_string(), object.tag(), object.last_modified());
    let mut headers =
        vec![("etag", &*tag), ("last-modified", &*changed), ("x-goog-generation", &*generation)];
    headers.extend(object.headers.iter().map(|(name, value)| (&**name, &**value)));
    match wanted(call, object)? {
        Part::Whole => Ok(answer(StatusCode::OK, &headers, object.bytes.clone())),
        Part::Range(range) => {
            let place = format!("bytes {}-{}/{}", range.start, range.end - 1, object.bytes.len());
            headers.push(("content-range", &place));
            Ok(answer(StatusCode::PARTIAL_CONTENT, &headers, object.bytes.slice(range)))
        }
    }
}

/// <https://cloud.google.com/storage/docs/xml-api/delete-object>
pub(super) fn delete(buckets: &mut Buckets, call: &Call) -> Result<Answer, Refusal> {
    let bucket = buckets.by_name.get_mut(&call.bucket).ok_or(Refusal::NoSuchBucket)?;
    bucket.objects.remove(&call.key).ok_or(Refusal::NoSuchKey)?;
    Ok(answer(StatusCode::NO_CONTENT, &[], ""))
}

/// The headers that stay with an object.
pub(super) fn kept(call: &Call) -> Vec<(String, String)> {
    let stays = |name: &str| name.starts_with("x-goog-meta-") || KEPT.contains(&name);
    let headers = call.headers.iter().filter(|(name, _)| stays(name.as_str()));
    headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}
