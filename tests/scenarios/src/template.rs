//! The deployment template: parameters that contradict each other are refused before anything is deployed, and every
//! alarm tells an operator what it means.

use serde_yaml_ng::Value as Yaml;
use simulator::template::TEMPLATE;

/// What a rule says of these parameters; the others are empty.
fn is_true(rule: &Yaml, parameters: &[(&str, &str)]) -> bool {
    let text = |value: &Yaml| match value {
        Yaml::Tagged(tagged) if tagged.tag == "Ref" => {
            let name = tagged.value.as_str().expect("a name");
            parameters.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value).to_owned()
        }
        value => value.as_str().expect("a text").to_owned(),
    };
    let Yaml::Tagged(tagged) = rule else { panic!("no function: {rule:?}") };
    let argument = &tagged.value;
    match tagged.tag.to_string().as_str() {
        "!Equals" => text(&argument[0]) == text(&argument[1]),
        "!Not" => !is_true(&argument[0], parameters),
        other => panic!("{other} is not known here"),
    }
}

fn template() -> Yaml {
    serde_yaml_ng::from_str(TEMPLATE).expect("YAML")
}

/// The rules that refuse these parameters.
fn refused_by(parameters: &[(&str, &str)]) -> Vec<String> {
    let document = template();
    let rules = document["Rules"].as_mapping().expect("rules");
    let breaks = |rule: &Yaml| {
        let applies = is_true(&rule["RuleCondition"], parameters);
        let assertions = rule["Assertions"].as_sequence().expect("assertions");
        applies && !assertions.iter().all(|assertion| is_true(&assertion["Assert"], parameters))
    };
    let broken = rules.iter().filter(|(_, rule)| breaks(rule));
    broken.map(|(name, _)| name.as_str().expect("a name").to_owned()).collect()
}

#[test]
fn vpc_is_given_whole_and_not_together_with_a_proxy() {
    let subnets = ("VpcSubnetIds", "subnet-0123456789abcdef0,subnet-0123456789abcdef1");
    let groups = ("VpcSecurityGroupIds", "sg-0123456789abcdef0");
    let proxy = ("WechatProxyUrl", "http://user:password@proxy.example:3128");
    for (parameters, refused) in [
        (&[][..], &[][..]),
        (&[subnets, groups], &[]),
        (&[proxy], &[]),
        (&[subnets], &["SubnetsNeedSecurityGroups"]),
        (&[groups], &["SecurityGroupsNeedSubnets"]),
        (&[subnets, groups, proxy], &["VpcOrProxy"]),
        (&[groups, proxy], &["SecurityGroupsNeedSubnets"]),
    ] {
        assert_eq!(refused_by(parameters), refused, "{parameters:?}");
    }
}

#[test]
fn domain_and_certificate_are_given_both_or_none() {
    let domain = ("DomainName", "api.example.com");
    let certificate = ("CertificateArn", "arn:aws:acm:ap-southeast-1:123456789012:certificate/0a1b2c3d-4e5f");
    for (parameters, refused) in [
        (&[domain, certificate][..], &[][..]),
        (&[domain], &["DomainNeedsCertificate"]),
        (&[certificate], &["CertificateNeedsDomain"]),
    ] {
        assert_eq!(refused_by(parameters), refused, "{parameters:?}");
    }
}

const GUIDES: [(&str, &str); 2] = [
    ("deploy.md", include_str!("../../../docs/deploy.md")),
    ("deploy.zh-CN.md", include_str!("../../../docs/deploy.zh-CN.md")),
];

#[test]
fn parameters_and_outputs_are_explained_in_both_languages() {
    for text in [TEMPLATE, include_str!("../../../network.yaml")] {
        let document: Yaml = serde_yaml_ng::from_str(text).expect("YAML");
        for section in ["Parameters", "Outputs"] {
            for name in document[section].as_mapping().expect("a section").keys() {
                let name = name.as_str().expect("a name");
                for (file, guide) in GUIDES {
                    assert!(guide.contains(&format!("`{name}`")), "{file} says nothing of {name}");
                }
            }
        }
    }
}

/// What each alarm is called behind the stack's name, and the dimensions it watches.
fn alarms() -> Vec<(String, Vec<String>)> {
    let document = template();
    let resources = document["Resources"].as_mapping().expect("resources");
    let alarms = resources.values().filter(|one| one["Type"].as_str() == Some("AWS::CloudWatch::Alarm"));
    alarms
        .map(|alarm| {
            let Yaml::Tagged(name) = &alarm["Properties"]["AlarmName"] else { panic!("no !Sub: {alarm:?}") };
            let name = name.value.as_str().and_then(|name| name.strip_prefix("${AWS::StackName}-"));
            let dimensions = alarm["Properties"]["Dimensions"].as_sequence().into_iter().flatten();
            let text = |value: &Yaml| value.as_str().unwrap_or("?").to_owned();
            let dimension = |one: &Yaml| format!("{}={}", text(&one["Name"]), text(&one["Value"]));
            (name.expect("it begins with the stack's").to_owned(), dimensions.map(dimension).collect())
        })
        .collect()
}

/// How many of them a stack with default parameters has.
fn alarms_by_default() -> usize {
    let document = template();
    let resources = document["Resources"].as_mapping().expect("resources");
    let alarms = resources.values().filter(|one| one["Type"].as_str() == Some("AWS::CloudWatch::Alarm"));
    alarms.filter(|alarm| alarm["Condition"].as_str() != Some("HasHttpApi")).count()
}

#[test]
fn alarms_are_explained_to_operators_in_both_languages_and_counted_in_the_cost() {
    let alarms = alarms();
    let counted = alarms_by_default();
    for (file, text, cost) in [
        ("operations.md", include_str!("../../../docs/operations.md"), "alarms × $0.10"),
        ("operations.zh-CN.md", include_str!("../../../docs/operations.zh-CN.md"), "个告警 × $0.10"),
    ] {
        for (name, _) in &alarms {
            let named = |line: &str| line.starts_with("| `") && line.contains(&format!("`{name}`"));
            assert!(text.lines().any(named), "{name} is not in the table of {file}");
        }
        assert!(text.contains(&format!("| {counted} {cost}")), "{counted} in {file}");
    }
}

#[test]
fn throttles_of_the_index_and_a_wechat_out_of_reach_ring() {
    let alarms = alarms();
    let watched = |name: &str| {
        let found = alarms.iter().find(|(known, _)| known == name);
        found.map(|(_, dimensions)| dimensions.join(" ")).unwrap_or_default()
    };
    for (name, dimensions) in [
        ("due-write-throttles", "TableName=Table GlobalSecondaryIndexName=due"),
        ("wechat-unreachable", "Class=not_sent"),
        ("wechat-silent", "Class=no_answer"),
    ] {
        assert_eq!(watched(name), dimensions, "{name}");
    }
}
