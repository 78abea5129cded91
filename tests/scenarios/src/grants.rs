//! What the templates grant besides the functions' roles (`roles`): who may call a function, and what the machine of the
//! network and those that attach its interface may do. Nothing here is played: it is compared with what is written here.

use serde_yaml_ng::Value as Yaml;
use simulator::template::TEMPLATE;

const NETWORK: &str = include_str!("../../../network.yaml");

/// The resources of this type, by name.
fn resources(template: &str, kind: &str) -> Vec<(String, Yaml)> {
    let document: Yaml = serde_yaml_ng::from_str(template).expect("YAML");
    let resources = document["Resources"].as_mapping().expect("resources");
    resources
        .iter()
        .filter(|(_, resource)| resource["Type"].as_str() == Some(kind))
        .map(|(name, resource)| (text(name), resource.clone()))
        .collect()
}

/// A text, whatever function of CloudFormation is around it.
fn text(value: &Yaml) -> String {
    match value {
        Yaml::Tagged(tagged) => text(&tagged.value),
        Yaml::Bool(value) => value.to_string(),
        value => value.as_str().unwrap_or_default().to_owned(),
    }
}

fn texts(one_or_many: &Yaml) -> Vec<String> {
    one_or_many.as_sequence().map_or_else(|| vec![text(one_or_many)], |many| many.iter().map(text).collect())
}

#[test]
fn functions_are_called_by_their_address_and_by_nothing_else() {
    let mut found: Vec<String> = resources(TEMPLATE, "AWS::Lambda::Permission")
        .into_iter()
        .map(|(_, permission)| {
            let own = &permission["Properties"];
            let parts = [
                &own["FunctionName"],
                &own["Action"],
                &own["Principal"],
                &permission["Condition"],
                &own["FunctionUrlAuthType"],
                &own["InvokedViaFunctionUrl"],
                &own["SourceArn"],
            ];
            parts.map(text).join(" ").trim_end().to_owned()
        })
        .collect();
    found.sort();
    let expected = ["ReminderApiFunction", "WechatCallbackFunction"].map(|function| {
        let of_the_api = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${HttpApi}/*";
        [
            format!("{function} lambda:InvokeFunction * HasFunctionUrls  true"),
            format!("{function} lambda:InvokeFunction apigateway.amazonaws.com HasHttpApi   {of_the_api}"),
            format!("{function} lambda:InvokeFunctionUrl * HasFunctionUrls NONE"),
        ]
    });
    assert_eq!(found, expected.concat());
}

#[test]
fn nothing_is_in_front_of_a_path_and_an_own_domain_is_the_only_way_in() {
    let [(_, stage)] = &resources(TEMPLATE, "AWS::ApiGatewayV2::Stage")[..] else { panic!("one stage") };
    assert_eq!(text(&stage["Properties"]["StageName"]), "$default");
    let [(_, api)] = &resources(TEMPLATE, "AWS::ApiGatewayV2::Api")[..] else { panic!("one API") };
    assert_eq!(
        texts(untagged(&api["Properties"]["DisableExecuteApiEndpoint"])),
        ["HasDomain", "true", "false"]
    );
    let mut routes: Vec<String> = resources(TEMPLATE, "AWS::ApiGatewayV2::Route")
        .into_iter()
        .map(|(_, route)| ["RouteKey", "Target"].map(|name| text(&route["Properties"][name])).join(" → "))
        .collect();
    routes.sort();
    assert_eq!(
        routes,
        [
            "$default → integrations/${ApiIntegration}",
            "ANY /mini-program → integrations/${CallbackIntegration}",
            "ANY /service-account → integrations/${CallbackIntegration}",
        ]
    );
    for (name, integration) in resources(TEMPLATE, "AWS::ApiGatewayV2::Integration") {
        assert_eq!(text(&integration["Properties"]["PayloadFormatVersion"]), "2.0", "{name}");
    }
}

fn untagged(value: &Yaml) -> &Yaml {
    match value {
        Yaml::Tagged(tagged) => &tagged.value,
        value => value,
    }
}

#[test]
fn machine_of_the_network_may_be_looked_at_and_nothing_more() {
    let inline = |role: &Yaml| -> Vec<Yaml> {
        let policies = role["Properties"]["Policies"].as_sequence().into_iter().flatten();
        policies.map(|policy| policy["PolicyDocument"].clone()).collect()
    };
    let mut found = Vec::new();
    for (name, role) in resources(NETWORK, "AWS::IAM::Role") {
        assert!(role["Properties"].get("ManagedPolicyArns").is_none(), "{name}: AWS's policies grant more");
        let who = &role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"];
        found.push(format!("{name} is of {}", text(who)));
        found.extend(inline(&role).iter().flat_map(|document| granted(&name, document)));
    }
    for (_, policy) in resources(NETWORK, "AWS::IAM::RolePolicy") {
        let name = text(&policy["Properties"]["RoleName"]);
        found.extend(granted(&name, &policy["Properties"]["PolicyDocument"]));
    }
    let arn = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}";
    let attach = "NatAttachmentRole: ec2:AttachNetworkInterface on";
    let channel = |action: &str| format!("NatInstanceRole: ssmmessages:{action} on *");
    assert_eq!(
        found,
        [
            "NatInstanceRole is of ec2.${AWS::URLSuffix}".to_owned(),
            "NatInstanceRole: ssm:UpdateInstanceInformation on *".to_owned(),
            channel("CreateControlChannel"),
            channel("CreateDataChannel"),
            channel("OpenControlChannel"),
            channel("OpenDataChannel"),
            "NatLaunchesRole is of events.amazonaws.com".to_owned(),
            "NatLaunchesRole: states:StartExecution on NatAttachment".to_owned(),
            "NatAttachmentRole is of states.amazonaws.com".to_owned(),
            format!("{attach} {arn}:network-interface/${{NatInterface}}"),
            format!("{attach} {arn}:instance/* if of ${{AWS::StackName}}-nat"),
        ]
    );
}

fn granted(role: &str, document: &Yaml) -> Vec<String> {
    let mut granted = Vec::new();
    for statement in document["Statement"].as_sequence().expect("statements") {
        assert_eq!(text(&statement["Effect"]), "Allow");
        let group = &statement["Condition"]["StringEquals"]["aws:ResourceTag/aws:autoscaling:groupName"];
        let only = if group.is_null() { String::new() } else { format!(" if of {}", text(group)) };
        for action in texts(&statement["Action"]) {
            let on = texts(&statement["Resource"]).into_iter();
            granted.extend(on.map(|resource| format!("{role}: {action} on {resource}{only}")));
        }
    }
    granted
}

#[test]
fn machine_of_the_network_has_no_key_no_second_address_and_the_newer_metadata_only() {
    let [(_, template)] = &resources(NETWORK, "AWS::EC2::LaunchTemplate")[..] else { panic!("one machine") };
    let data = &template["Properties"]["LaunchTemplateData"];
    assert!(data.get("KeyName").is_none());
    assert_eq!(text(&data["MetadataOptions"]["HttpTokens"]), "required");
    assert_eq!(data["MetadataOptions"]["HttpPutResponseHopLimit"].as_u64(), Some(1));
    assert_eq!(data["NetworkInterfaces"][0]["AssociatePublicIpAddress"].as_bool(), Some(false));
    assert_eq!(data["CreditSpecification"]["CpuCredits"].as_str(), Some("standard"), "never dearer");
    assert!(text(&data["ImageId"]).starts_with("resolve:ssm:/aws/service/"), "asked for at every launch");
    let [(_, group)] = &resources(NETWORK, "AWS::AutoScaling::AutoScalingGroup")[..] else {
        panic!("one group")
    };
    assert_eq!(group["Properties"]["MaxInstanceLifetime"].as_u64(), Some(30 * 24 * 3600));
    assert_eq!(group["Properties"]["MaxSize"].as_str(), Some("1"));
}
