//! The rules of the deployment template: parameters that contradict each other are refused before anything is deployed.

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

/// The rules that refuse these parameters.
fn refused_by(parameters: &[(&str, &str)]) -> Vec<String> {
    let document: Yaml = serde_yaml_ng::from_str(TEMPLATE).expect("YAML");
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
fn a_vpc_is_given_whole_and_not_together_with_a_proxy() {
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
