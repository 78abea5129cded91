//! Which ways in a region has (docs/deploy.md, "Which way in").

/// Without Function URLs. In China's regions the template takes the HTTP API whatever it is told.
const WITHOUT_FUNCTION_URLS: [&str; 13] = [
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "il-central-1",
    "me-central-1",
    "mx-central-1",
    "us-gov-east-1",
    "us-gov-west-1",
];

pub(super) const HTTP_API: &str = "HttpApi";

/// The values of parameter `Ingress`, the usual one first.
pub(super) fn ways_in(region: &str) -> &'static [&'static str] {
    match region {
        _ if WITHOUT_FUNCTION_URLS.contains(&region) => &[HTTP_API],
        _ if is_in_china(region) => &[HTTP_API],
        _ => &["FunctionUrl", HTTP_API, "Both"],
    }
}

pub(super) fn is_in_china(region: &str) -> bool {
    region.starts_with("cn-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_without_function_urls_have_the_http_api() {
        for (region, ways) in [("ap-southeast-1", 3), ("us-east-1", 3), ("ap-east-2", 1), ("cn-north-1", 1)] {
            assert_eq!(ways_in(region).len(), ways, "{region}");
        }
    }

    #[test]
    fn regions_without_function_urls_are_those_of_the_guide() {
        let guide = include_str!("../../../../../docs/deploy.md").replace('\n', " ");
        let named =
            guide.split_once("**Function URLs do not exist everywhere.** Not in ").expect("the sentence").1;
        let named = named.split_once(", by the data").expect("its end").0.replace(" and ", ", ");
        let named: Vec<&str> =
            named.split(", ").map(str::trim).filter(|region| !is_in_china(region)).collect();
        assert_eq!(named, WITHOUT_FUNCTION_URLS);
    }
}
