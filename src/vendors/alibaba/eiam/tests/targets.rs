//! The targets of jobs.

use proptest::prelude::*;
use serde_json::Value;

use super::lifecycle::World;
use super::{INSTANCE, NOW, call, plan, problems, traverse};
use crate::vendors::alibaba::eiam::Eiam;

fn ids(answer: &Value, list: &str, id: &str) -> Vec<String> {
    let rows = answer[list].as_array().unwrap();
    rows.iter().map(|row| row[id].as_str().unwrap().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_target_of_a_job_is_listed_and_shown_and_older_than_the_job(
        providers in 0u64..5, applications in 1u64..5, seed: u64,
    ) {
        let plan = plan(&format!(
            "seed = {}\n[eiam.jobs]\ncount = 60\n[eiam.targets]\nidentity_providers = {providers}\n\
             applications = {applications}\n[[eiam.job]]\nTargetId = \"idp_nowhere_else\"\n\
             [[eiam.job]]\nTargetType = \"application\"\nStartTime = 1700000000000\n",
            seed >> 1
        ));
        let (_, jobs) = traverse(&plan, "", 100, NOW);
        let ask = |action: &str, query: &str| {
            call(&plan, action, &format!("InstanceId={INSTANCE}&{query}"), NOW).1
        };
        let listed = ask("ListIdentityProviders", "PageSize=100");
        let applied = ask("ListApplications", "PageSize=100");
        prop_assert_eq!(listed["TotalCount"].as_u64(), Some(providers + 1));
        prop_assert_eq!(applied["TotalCount"].as_u64(), Some(applications));
        let instance = &ask("ListInstances", "")["Instances"][0];
        for job in jobs {
            let (id, kind) = (job["TargetId"].as_str().unwrap(), job["TargetType"].as_str().unwrap());
            let row = match kind {
                "application" => applied["Applications"].as_array().unwrap().iter()
                    .find(|row| row["ApplicationId"] == id),
                _ => listed["IdentityProviders"].as_array().unwrap().iter()
                    .find(|row| row["IdentityProviderId"] == id),
            };
            let row = row.unwrap();
            let time = |row: &Value, name: &str| row[name].as_i64().unwrap();
            prop_assert!(time(instance, "CreateTime") < time(row, "CreateTime"));
            prop_assert!(time(row, "CreateTime") <= time(row, "UpdateTime"));
            prop_assert!(time(row, "UpdateTime") < time(&job, "StartTime"));
            if kind == "application" {
                prop_assert!(row["Features"].as_str().unwrap().contains("\"provision\""));
                let shown = ask("GetApplicationProvisioningConfig", &format!("ApplicationId={id}"));
                prop_assert_eq!(&shown["ApplicationProvisioningConfig"]["ApplicationId"], id);
            } else {
                prop_assert!(row["IdentityProviderType"].as_str().unwrap().ends_with(":pull"));
                prop_assert_eq!(&row["UdPullStatus"], "enabled");
                prop_assert_eq!(&row["LastStatusCheckJobResult"], "success");
            }
        }
    }

    #[test]
    fn pages_show_each_target_once_in_the_same_order(
        count in 0u64..40, size in 1u64..=100, kind in proptest::bool::ANY,
    ) {
        let plan = plan(&format!(
            "[eiam.targets]\nidentity_providers = {count}\napplications = {count}\n"
        ));
        let (action, list, id) = match kind {
            true => ("ListIdentityProviders", "IdentityProviders", "IdentityProviderId"),
            false => ("ListApplications", "Applications", "ApplicationId"),
        };
        let mut seen = Vec::new();
        for number in 1.. {
            let query = format!("InstanceId={INSTANCE}&PageNumber={number}&PageSize={size}");
            let (status, answer) = call(&plan, action, &query, NOW);
            prop_assert_eq!(status, 200);
            prop_assert_eq!(answer["TotalCount"].as_u64(), Some(count));
            prop_assert!(answer.get("NextToken").is_none());
            let page = ids(&answer, list, id);
            if page.is_empty() { break }
            seen.extend(page);
        }
        let all: std::collections::BTreeSet<&String> = seen.iter().collect();
        prop_assert_eq!((seen.len() as u64, all.len() as u64), (count, count));
    }

    #[test]
    fn every_filter_of_applications_is_what_filtering_by_hand_gives(
        seed: u64,
        status in proptest::sample::select(vec!["", "enabled", "disabled"]),
        sso in proptest::sample::select(vec!["", "saml2", "oidc", "oauth2/m2m,oidc+oauth2/m2m"]),
        server in proptest::sample::select(vec!["", "enabled", "disabled"]),
        m2m in proptest::sample::select(vec!["", "enabled", "disabled"]),
        id in proptest::option::of(0usize..20),
        name in proptest::option::of(0usize..20),
    ) {
        let plan = plan(&format!(
            "seed = {}\n[eiam.targets]\napplications = 20\n[[eiam.target]]\nid = \"app_off\"\n\
             status = \"disabled\"\nname = \"Salesforce 100%\"\n", seed >> 1
        ));
        let ask = |query: &str| {
            call(&plan, "ListApplications", &format!("InstanceId={INSTANCE}&PageSize=100&{query}"), NOW).1
        };
        let all = ask("")["Applications"].as_array().unwrap().clone();
        prop_assert_eq!(all.len(), 21);
        let id = id.map(|i| all[i]["ApplicationId"].as_str().unwrap().to_owned());
        let start: String = name
            .map(|i| all[i]["ApplicationName"].as_str().unwrap().chars().take(3).collect())
            .unwrap_or_default();
        let escaped: String = start.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let mut query = format!(
            "Status={status}&SsoType={}&ResourceServerStatus={server}&M2MClientStatus={m2m}&\
             ApplicationName={escaped}", sso.replace('+', "%2B")
        );
        if let Some(id) = &id { query += &format!("&ApplicationIds.1=app_nobody&ApplicationIds.2={id}"); }
        let found = ask(&query);
        let is = |row: &Value, name: &str, wanted: &str| wanted.is_empty() || row[name] == wanted;
        let brute: Vec<Value> = all.into_iter().filter(|row| {
            let text = |name: &str| row[name].as_str().unwrap();
            is(row, "Status", status) && is(row, "ResourceServerStatus", server)
                && (sso.is_empty() || sso.split(',').any(|sso| text("SsoType") == sso))
                && (m2m.is_empty() || text("Features").contains("m2m_client") == (m2m == "enabled"))
                && id.as_ref().is_none_or(|id| row["ApplicationId"] == *id)
                && text("ApplicationName").starts_with(&start)
        }).collect();
        prop_assert_eq!(found["TotalCount"].as_u64(), Some(brute.len() as u64));
        prop_assert_eq!(&found["Applications"], &Value::Array(brute));
    }
}

#[test]
fn each_application_is_found_by_one_of_the_two_ways_to_authorise_it() {
    let plan = plan("[eiam.targets]\napplications = 20\n");
    let count = |query: &str| {
        let query = format!("InstanceId={INSTANCE}&{query}");
        call(&plan, "ListApplications", &query, NOW).1["TotalCount"].as_u64().unwrap()
    };
    let split = ["authorize_required", "default_all"]
        .map(|kind| count(&format!("AuthorizationType={kind}")));
    assert_eq!(split.iter().sum::<u64>(), 20);
    assert!(split.iter().all(|&part| part > 0));
    // No application here is like this.
    for query in [
        "ServiceManaged=true",
        "ManagedServiceCode=rpa",
        "ApplicationCreationType=system_init",
        "ApplicationIdentityType=agent",
        "ApplicationTemplateId=apt_none",
        "CustomFields.1.FieldName=agent_type&CustomFields.1.FieldValue=x",
    ] {
        assert_eq!(count(query), 0, "{query}");
    }
    for query in [
        "ServiceManaged=False",
        "ApplicationCreationType=all",
        "ApplicationIdentityType=application",
    ] {
        assert_eq!(count(query), 20, "{query}");
    }
}

#[test]
fn directions_are_accepted_as_the_page_and_the_sdk_write_them() {
    let world = World::new(
        "[eiam.targets]\nidentity_providers = 2\n\
         [[eiam.target]]\nid = \"idp_out\"\ndirection = \"egress\"\n\
         [[eiam.target]]\nid = \"idp_login\"\nidentity_provider_type = \"urn:alibaba:idaas:idp:standard:oidc\"\n",
    );
    let found = |query: &str| {
        ids(
            &world.accepted("ListIdentityProviders", query),
            "IdentityProviders",
            "IdentityProviderId",
        )
    };
    assert_eq!(found("").len(), 4);
    assert_eq!(found("Direction=ingress").len(), 2);
    assert_eq!(found("Direction=pull"), found("Direction=ingress"));
    assert_eq!(found("Direction=egress"), ["idp_out"]);
    assert_eq!(found("Direction=push"), ["idp_out"]);
}

#[test]
fn the_instance_is_found_by_what_it_is() {
    let world = World::new("[eiam.instance]\nedition = \"trial\"\ndescription = \"for tests\"\n");
    let list = |query: &str| {
        let (status, answer) = call(&world.plan, "ListInstances", query, NOW);
        assert_eq!(status, 200, "{query}: {answer}");
        answer
    };
    let row = &list("")["Instances"][0];
    assert_eq!((&row["InstanceId"], &row["Status"]), (&INSTANCE.into(), &"running".into()));
    assert_eq!(row["Description"], "for tests");
    let here = [
        "Status=running",
        "Edition=trial",
        "CrossRegionReplication=disabled",
        "ServiceManaged=false",
        "InstanceIds.1=idaas_x&InstanceIds.2=idaas_ue2jvisn35ea5lmthk267xxxxx",
    ];
    for query in here {
        assert_eq!(list(query)["TotalCount"], 1, "{query}");
    }
    for query in [
        "Status=creating",
        "Edition=free",
        "CrossRegionReplication=enabled",
        "ServiceManaged=true",
        "ManagedServiceCode=sase",
        "InstanceIds.1=idaas_x",
        "PageNumber=2",
    ] {
        let found = list(query);
        assert_eq!(found["Instances"], Value::Array(vec![]), "{query}");
        assert_eq!(found["TotalCount"], u64::from(query == "PageNumber=2"), "{query}");
    }
    let long_ago = world.plan.of::<Eiam>().created.millis() - 1;
    assert_eq!(call(&world.plan, "ListInstances", "", long_ago).1["TotalCount"], 0);
}

#[test]
fn each_reason_not_to_run_a_job_has_its_own_error() {
    let text = |quirk: &str| {
        format!(
            "[eiam.quirks]\n{quirk}\n\
         [[eiam.target]]\nid = \"idp_unchecked\"\nlast_status_check = \"failed\"\nlock_reason = \"financial\"\n\
         [[eiam.target]]\nid = \"idp_locked\"\nlock_reason = \"financial\"\n\
         [[eiam.target]]\nid = \"idp_unpulled\"\nud_pull = \"disabled\"\n\
         [[eiam.target]]\nid = \"idp_login\"\nidentity_provider_type = \"urn:alibaba:idaas:idp:alibaba:sase\"\n\
         [[eiam.target]]\nid = \"idp_unpushed\"\ndirection = \"egress\"\nud_push = \"disabled\"\n\
         [[eiam.target]]\nid = \"app_off\"\nstatus = \"disabled\"\n\
         [[eiam.target]]\nid = \"app_unprovisioned\"\nprovisioning = \"disabled\"\n"
        )
    };
    let (strict, lenient) =
        (World::new(&text("")), World::new(&text("run_unready_targets = true")));
    for (id, code) in [
        ("idp_unchecked", "OperationDenied.StatusCheckNotSuccess"),
        ("idp_locked", "OperationDenied.IdentityProviderLocked"),
        ("idp_unpulled", "OperationDenied.UdPullDisabled"),
        ("idp_login", "OperationDenied.UdPullUnsupported"),
        ("idp_unpushed", "OperationDenied.UdPushDisabled"),
        ("app_off", "OperationDenied.ApplicationDisabled"),
        ("app_unprovisioned", "OperationDenied.ApplicationProvisioningDisabled"),
    ] {
        let kind = if id.starts_with("app") { "application" } else { "identity_provider" };
        let query = format!("TargetType={kind}&TargetId={id}");
        assert_eq!(strict.refused("RunSynchronizationJob", &query), (403, code.to_owned()));
        // The vendor says that the status check must have succeeded.
        assert_eq!(lenient.run(id).is_some(), id != "idp_unchecked", "{id}");
    }
    for action in ["EnableIdentityProviderUdPull", "DisableIdentityProviderUdPull"] {
        let code = |id| strict.refused(action, &format!("IdentityProviderId={id}")).1;
        assert_eq!(code("idp_locked"), "OperationDenied.IdentityProviderLocked");
        assert_eq!(code("idp_unpushed"), "OperationDenied.UdPullUnsupported");
        assert_eq!(code("idp_login"), "OperationDenied.UdPullUnsupported");
        assert_eq!(code("idp_nobody"), "ResourceNotFound.IdentityProvider");
        assert_eq!(code("app_off"), "ResourceNotFound.IdentityProvider");
        assert_eq!(code(""), "MissingIdentityProviderId");
        assert_eq!(code(&"x".repeat(65)), "InvalidIdentityProviderId");
    }
}

#[test]
fn parameters_are_refused_in_the_gateways_words() {
    let world = World::new("");
    let run = |rest: &str| world.refused("RunSynchronizationJob", rest);
    let target = ids(
        &world.accepted("ListIdentityProviders", ""),
        "IdentityProviders",
        "IdentityProviderId",
    );
    let good = format!("TargetType=identity_provider&TargetId={}", target[0]);
    let long = "x".repeat(129);
    for (rest, code) in [
        (String::new(), "MissingTargetId"),
        (format!("TargetId={}", target[0]), "MissingTargetType"),
        (format!("TargetId={long}&TargetType=application"), "InvalidTargetId"),
        (format!("TargetId={}&TargetType=user", target[0]), "InvalidTargetType"),
        (format!("{good}&Description={long}"), "InvalidDescription"),
        (format!("{good}&PasswordInitialization=yes"), "InvalidPasswordInitialization"),
        (format!("{good}&FieldSelectionEnabled=1"), "InvalidFieldSelectionEnabled"),
    ] {
        assert_eq!(run(&rest), (400, code.to_owned()), "{rest}");
    }
    assert_eq!(
        run(&format!("TargetType=application&TargetId={}", target[0])),
        (404, "ResourceNotFound.Application".to_owned())
    );
    let everything = "&Description=d&PasswordInitialization=TRUE&FieldSelectionEnabled=False&\
                      SelectedFieldNames.1=displayName&UserIdentityTypes.1=ding_talk";
    world.accepted("RunSynchronizationJob", &format!("{good}{everything}"));
    for (action, rest, code) in [
        ("ListIdentityProviders", "PageSize=101", "InvalidPageSize"),
        ("ListIdentityProviders", "PageNumber=0", "InvalidPageNumber"),
        ("ListIdentityProviders", "Direction=up", "InvalidDirection"),
        ("ListApplications", "Status=deleted", "InvalidStatus"),
        ("ListApplications", "AuthorizationType=some", "InvalidAuthorizationType"),
        ("ListApplications", "ServiceManaged=maybe", "InvalidServiceManaged"),
        ("ListApplications", "M2MClientStatus=on", "InvalidM2MClientStatus"),
        ("ListInstances", "InstanceIds.1=x&Status=stopped", "InvalidStatus"),
        ("ListInstances", "Edition=gold", "InvalidEdition"),
        ("GetApplicationProvisioningConfig", "", "MissingApplicationId"),
        ("GenerateDownloadUrlForSynchronizationJob", "", "MissingSynchronizationJobId"),
    ] {
        assert_eq!(world.refused(action, rest), (400, code.to_owned()), "{action} {rest}");
    }
    let (status, answer) =
        call(&world.plan, "ListApplications", &format!("InstanceId={}", "x".repeat(65)), NOW);
    assert_eq!((status, &answer["Code"]), (400, &"InvalidInstanceId".into()));
}

#[test]
fn a_directory_can_be_pulled_from_and_pushed_to() {
    let world = World::new(
        "[[eiam.target]]\nid = \"idp_both\"\nud_push = \"enabled\"\nperiodic_sync = \"enabled\"\n\
         identity_provider_type = \"urn:alibaba:idaas:idp:microsoft:ad:pull\"\n",
    );
    let query = "IdentityProviderId=idp_both";
    let detail = &world.accepted("GetIdentityProvider", query)["IdentityProviderDetail"];
    assert_eq!(
        (&detail["UdPullStatus"], &detail["UdPushStatus"]),
        (&"enabled".into(), &"enabled".into())
    );
    world.accepted("DisableIdentityProviderUdPull", query);
    let pull =
        &world.accepted("GetIdentityProviderUdPullConfiguration", query)["UdPullConfiguration"];
    let push =
        &world.accepted("GetIdentityProviderUdPushConfiguration", query)["UdPushConfiguration"];
    assert_eq!(pull["PeriodicSyncStatus"], "disabled");
    assert_eq!(push["PeriodicSyncStatus"], "enabled");
    assert_eq!(push["UdSyncScopeConfigs"], detail["UdPushConfig"]["UdSyncScopeConfigs"]);
    assert_eq!(push["LdapUdPushConfig"]["UserRdn"], "cn");
}

#[test]
fn an_impossible_target_is_a_problem_of_the_scenario() {
    for (table, wanted) in [
        ("id = \"app_a\"\nud_pull = \"enabled\"", "an application has no ud_pull"),
        ("id = \"idp_a\"\nprovisioning = \"enabled\"", "an identity provider has no provisioning"),
        (
            "id = \"idp_a\"\nidentity_provider_type = \"urn:alibaba:idaas:idp:microsoft:ad:push\"",
            "did you mean urn:alibaba:idaas:idp:microsoft:ad:pull?",
        ),
        (
            "id = \"idp_a\"\nidentity_provider_type = \"urn:alibaba:idaas:idp:alibaba:sase\"\nud_pull = \"enabled\"",
            "urn:alibaba:idaas:idp:alibaba:sase is not pulled from",
        ),
        (
            "id = \"idp_a\"\nidentity_provider_type = \"urn:alibaba:idaas:idp:alibaba:dingtalk:push\"\ndirection = \"ingress\"",
            "is not pulled from",
        ),
    ] {
        let found = problems(&format!("[[eiam.target]]\n{table}\n")).join("\n");
        assert!(found.contains(wanted), "{table}: {found}");
    }
    let found = problems("[eiam.targets]\npull = { enabled = 0 }\n").join("\n");
    assert!(found.contains("all weights are 0"), "{found}");
}

#[test]
fn generated_providers_are_pulled_from_as_the_weights_say() {
    let plan =
        plan("[eiam.targets]\nidentity_providers = 100\npull = { enabled = 1, disabled = 1 }\n");
    let query = format!("InstanceId={INSTANCE}&PageSize=100");
    let (_, answer) = call(&plan, "ListIdentityProviders", &query, NOW);
    let rows = answer["IdentityProviders"].as_array().unwrap();
    let off = rows.iter().filter(|row| row["UdPullStatus"] == "disabled").count();
    assert!((25..75).contains(&off), "{off}");
}
