//! Where secrets may go, from outside: a file that was edited does not take them along.

use tms_sync_sim::World;

use crate::code;
use crate::rig::{Rig, Variant};

over_both!(
    secrets_do_not_follow_the_file_to_other_servers,
    new_servers_are_accepted_once,
    a_new_name_does_not_free_the_secrets,
    secrets_of_gateways_and_proxies_do_not_follow_the_file_either,
);

fn requests(world: &World) -> usize {
    world.testops.server().journal().len() + world.tracker.requests()
}

fn configuration(rig: &Rig) -> std::path::PathBuf {
    rig.folder.path().join("tms-sync.toml")
}

/// Exports to one world, and has the file then name another one's servers.
fn moved(variant: Variant) -> (Rig, Rig) {
    let (rig, other) = (Rig::start(variant, 2), Rig::start(variant, 2));
    assert_eq!(rig.json(&["export"]).0, 0);
    std::fs::copy(configuration(&other), configuration(&rig)).unwrap();
    (rig, other)
}

fn secrets_do_not_follow_the_file_to_other_servers(variant: Variant) {
    let (rig, other) = moved(variant);
    let [test, plan, export] = ["test", "plan", "export"].map(|command| rig.printed(&[command]));
    reports!(variant => test, plan, export);
    assert_eq!(requests(&other.world), 0, "nothing was sent");
}

fn new_servers_are_accepted_once(variant: Variant) {
    let (rig, other) = moved(variant);
    assert_eq!(rig.json(&["export", "--new-servers"]).0, 0);
    assert!(requests(&other.world) > 0);
    let (exit, again) = rig.json(&["export"]);
    assert_eq!(exit, 0, "accepting once is enough: {again:#}");
}

fn a_new_name_does_not_free_the_secrets(variant: Variant) {
    let (rig, other) = moved(variant);
    let written = std::fs::read_to_string(configuration(&rig)).unwrap();
    let name = format!("name = \"{variant:?}\"");
    let renamed = written.replace(&name, &format!("name = \"Renamed\"\nid = \"{variant:?}\""));
    std::fs::write(configuration(&rig), renamed).unwrap();
    assert_eq!(code(&rig.run(&["export"])), Some(2));
    assert_eq!(requests(&other.world), 0);
}

fn secrets_of_gateways_and_proxies_do_not_follow_the_file_either(variant: Variant) {
    let mut rig = Rig::start(variant, 2);
    rig.variables.push(("GATEWAY".into(), "s3cret-of-the-gateway".into()));
    let sound = std::fs::read_to_string(configuration(&rig)).unwrap();
    let with = |network: String| std::fs::write(configuration(&rig), format!("{sound}\n{network}")).unwrap();
    let header = |origin: String| {
        format!(
            "[[host.server]]\norigin = \"{origin}\"\nheaders = {{ cf-access-client-secret = {{ env = \"GATEWAY\" }} }}\n"
        )
    };
    let (jira, testops) = (rig.world.tracker.jira.url(), rig.world.testops.url());
    let run = |arguments: &[&str]| code(&rig.run(arguments));
    with(header(jira.clone()));
    assert_eq!(run(&["export"]), Some(0));
    let before = requests(&rig.world);
    with(header(jira.clone()) + &header(testops));
    assert_eq!((run(&["export"]), requests(&rig.world)), (Some(2), before));
    assert_eq!(run(&["export", "--new-servers"]), Some(0));
    with(header(jira));
    assert_eq!(run(&["export"]), Some(0), "fewer servers are no new ones");
}
