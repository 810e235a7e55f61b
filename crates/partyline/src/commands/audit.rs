//! `partyline audit verify`.

use anyhow::bail;
use partyline_store::events::Audit;

use crate::open;
use crate::options::{AuditAct, Options};

/// Walks the log of every workspace.
pub async fn run(options: Options, act: AuditAct) -> anyhow::Result<()> {
    let AuditAct::Verify = act;
    let desk = open::present(&options).await?;
    let mut broken = 0;
    for (workspace, _, name) in desk.db().read_root(|root| root.workspaces()).await? {
        match desk.audit(workspace).await? {
            Audit::Whole { sealed, head, hash } => {
                let hash: String = hash.iter().map(|b| format!("{b:02x}")).collect();
                let open =
                    if head > sealed { format!(", {} more not sealed yet", head - sealed) } else { String::new() };
                println!("{name}: whole, sealed up to {sealed}{open}. {hash}");
            }
            Audit::Gap(seq) => {
                broken += 1;
                println!("{name}: event {seq} is missing.");
            }
            Audit::Broken { first, last } => {
                broken += 1;
                println!("{name}: events {first} to {last} are not those that were sealed.");
            }
        }
    }
    if broken > 0 {
        bail!("the record of {broken} workspace(s) was altered; restore a backup and compare");
    }
    Ok(())
}
