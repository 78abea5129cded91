//! The stack's own bucket, for its archives and its template, which is too long to be handed over otherwise: private, every
//! version kept.

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration,
    PublicAccessBlockConfiguration, VersioningConfiguration,
};

use super::digest::digest;
use crate::commands::setup::owner::Owner;
use crate::commands::setup::regions::is_in_china;
use crate::failure::Failure;

/// Which alone is no location.
const FIRST_REGION: &str = "us-east-1";
/// Of a digest: enough that no two stacks of an account share a bucket.
const DIGEST_CHARS: usize = 8;

/// At most 63 small letters, digits and hyphens, for the whole world: account, stack and region tell it apart.
pub(super) fn name(account: &str, stack: &str, region: &str) -> String {
    let digest = digest(format!("{stack} {region}").as_bytes());
    let stack: String = stack.to_ascii_lowercase().chars().take(39).collect();
    format!("{account}-{}-{}", &digest[..DIGEST_CHARS], stack.trim_end_matches('-'))
}

/// Makes it, if it is not there, and sees to it that it is as it should be.
pub(super) async fn ensure(owner: &Owner, bucket: &str) -> Result<(), Failure> {
    let location = (owner.region != FIRST_REGION).then(|| {
        let location = BucketLocationConstraint::from(owner.region.as_str());
        CreateBucketConfiguration::builder().location_constraint(location).build()
    });
    let made = owner.s3.create_bucket().bucket(bucket).set_create_bucket_configuration(location).send().await;
    match made {
        Ok(_) => {}
        Err(SdkError::ServiceError(refused)) if refused.err().is_bucket_already_owned_by_you() => {}
        Err(error) => return Err(owner.refused("s3:CreateBucket", &error)),
    }
    let nobody = PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .block_public_policy(true)
        .ignore_public_acls(true)
        .restrict_public_buckets(true)
        .build();
    let closed = owner.s3.put_public_access_block().bucket(bucket).public_access_block_configuration(nobody);
    closed.send().await.map_err(|error| owner.refused("s3:PutBucketPublicAccessBlock", &error))?;
    let kept = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    let kept = owner.s3.put_bucket_versioning().bucket(bucket).versioning_configuration(kept);
    kept.send().await.map_err(|error| owner.refused("s3:PutBucketVersioning", &error))?;
    Ok(())
}

/// Keys name what is in them: what is there is not sent again. Answers whether it was sent.
pub(super) async fn upload(owner: &Owner, bucket: &str, key: &str, bytes: Vec<u8>) -> Result<bool, Failure> {
    match owner.s3.head_object().bucket(bucket).key(key).send().await {
        Ok(_) => return Ok(false),
        Err(SdkError::ServiceError(refused)) if refused.err().is_not_found() => {}
        Err(error) => return Err(owner.refused("s3:HeadObject", &error)),
    }
    let put = owner.s3.put_object().bucket(bucket).key(key).body(ByteStream::from(bytes));
    put.send().await.map_err(|error| owner.refused("s3:PutObject", &error))?;
    Ok(true)
}

/// Where CloudFormation finds it.
pub(super) fn url(owner: &Owner, bucket: &str, key: &str) -> String {
    let china = if is_in_china(&owner.region) { ".cn" } else { "" };
    format!("https://s3.{}.amazonaws.com{china}/{bucket}/{key}", owner.region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stack_has_a_bucket_of_its_own_whose_name_s3_takes() {
        let long = "A-stack-whose-name-has-thirty-nine-cha-";
        let names: Vec<String> = [
            ("reminders", "ap-southeast-1"),
            ("reminders", "ap-east-1"),
            ("Reminders", "ap-east-1"),
            ("reminders-dev", "ap-southeast-1"),
            (long, "ap-southeast-1"),
        ]
        .map(|(stack, region)| name("123456789012", stack, region))
        .into();
        for (n, name) in names.iter().enumerate() {
            assert!((3..=63).contains(&name.len()) && !name.ends_with('-'), "{name}");
            assert!(name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')), "{name}");
            assert!(!names[..n].contains(name), "{name}");
        }
        assert!(names[0].starts_with("123456789012-") && names[0].ends_with("-reminders"), "{}", names[0]);
    }
}
