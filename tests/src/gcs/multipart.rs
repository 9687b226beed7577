//! Objects in parts.

use super::answer::{Answer, Refusal, answer, xml};
use super::buckets::{Bucket, Buckets, Object, Upload};
use super::call::Call;
use super::objects::kept;
use bytes::BytesMut;
use hyper::StatusCode;

/// All parts but the last have this many bytes.
const LEAST: usize = 5 << 20;

/// <https://cloud.google.com/storage/docs/xml-api/post-object-multipart>
pub(super) fn start(buckets: &mut Buckets, call: &Call) -> Result<Answer, Refusal> {
    let id = format!("upload-{}", buckets.next());
    let upload = Upload { key: call.key.clone(), headers: kept(call), parts: Default::default() };
    bucket(buckets, call)?.uploads.insert(id.clone(), upload);
    Ok(xml("InitiateMultipartUploadResult", &format!("<UploadId>{id}</UploadId>")))
}

/// <https://cloud.google.com/storage/docs/xml-api/put-object-multipart>
pub(super) fn put_part(buckets: &mut Buckets, call: &Call, id: &str) -> Result<Answer, Refusal> {
    let number = call.parameter("partNumber").and_then(|number| number.parse().ok());
    let number = number.ok_or(Refusal::InvalidPart)?;
    let part = buckets.object(call.body.clone(), Vec::new());
    let tag = part.tag();
    upload(bucket(buckets, call)?, call, id)?.parts.insert(number, part);
    Ok(answer(StatusCode::OK, &[("etag", &tag)], ""))
}

/// <https://cloud.google.com/storage/docs/xml-api/post-object-complete>
pub(super) fn complete(buckets: &mut Buckets, call: &Call, id: &str) -> Result<Answer, Refusal> {
    let upload = upload(bucket(buckets, call)?, call, id)?;
    let named = named(&String::from_utf8_lossy(&call.body)).ok_or(Refusal::InvalidPart)?;
    let found = named.iter().map(|(number, tag)| upload.parts.get(number).filter(|part| part.tag() == *tag));
    let parts = found.collect::<Option<Vec<&Object>>>().ok_or(Refusal::InvalidPart)?;
    let Some((_, all_but_last)) = parts.split_last() else { return Err(Refusal::InvalidPart) };
    if all_but_last.iter().any(|part| part.bytes.len() < LEAST) {
        return Err(Refusal::EntityTooSmall);
    }
    let mut bytes = BytesMut::new();
    parts.iter().for_each(|part| bytes.extend_from_slice(&part.bytes));
    let headers = upload.headers.clone();
    let object = buckets.object(bytes.freeze(), headers);
    let (tag, generation) = (object.tag(), object.generation.to_string());
    let bucket = bucket(buckets, call)?;
    bucket.uploads.remove(id);
    bucket.insert(&call.key, object);
    let mut done = xml("CompleteMultipartUploadResult", &format!("<ETag>{tag}</ETag>"));
    done.headers_mut().insert("x-goog-generation", generation.parse().expect("a number"));
    Ok(done)
}

/// <https://cloud.google.com/storage/docs/xml-api/delete-multipart>
pub(super) fn abort(buckets: &mut Buckets, call: &Call, id: &str) -> Result<Answer, Refusal> {
    bucket(buckets, call)?.uploads.remove(id).ok_or(Refusal::NoSuchUpload)?;
    Ok(answer(StatusCode::NO_CONTENT, &[], ""))
}

fn bucket<'a>(buckets: &'a mut Buckets, call: &Call) -> Result<&'a mut Bucket, Refusal> {
    buckets.by_name.get_mut(&call.bucket).ok_or(Refusal::NoSuchBucket)
}

fn upload<'a>(bucket: &'a mut Bucket, call: &Call, id: &str) -> Result<&'a mut Upload, Refusal> {
    bucket.uploads.get_mut(id).filter(|upload| upload.key == call.key).ok_or(Refusal::NoSuchUpload)
}

/// The parts that a completion names, with their tags; `None` if it is not one.
fn named(text: &str) -> Option<Vec<(usize, String)>> {
    let field = |part: &str, name: &str| {
        let (_, rest) = part.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(value, _)| value.replace("&quot;", "\""))
    };
    let parts = text.split("<Part>").skip(1);
    parts.map(|part| Some((field(part, "PartNumber")?.parse().ok()?, field(part, "ETag")?))).collect()
}
