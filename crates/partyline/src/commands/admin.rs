//! `partyline migrate`, `workspace`, `user`, `mail`.

use std::io::BufRead as _;

use anyhow::Context as _;
use partyline_desk::account::{SessionFrom, SetupIn};

use crate::open;
use crate::options::{MailAct, Options, UserAct, WorkspaceAct};

/// Brings the schema up to date: opening does it.
pub async fn migrate(options: Options) -> anyhow::Result<()> {
    let desk = open::desk(&options, options.listen).await?;
    let version = desk.db().read_root(|root| root.schema_version()).await?;
    println!("The schema is up to date (version {version}, {}).", desk.db().engine());
    Ok(())
}

/// Makes or lists workspaces.
pub async fn workspace(options: Options, act: WorkspaceAct) -> anyhow::Result<()> {
    let desk = open::desk(&options, options.listen).await?;
    match act {
        WorkspaceAct::Create { name, owner, email } => {
            let password = password()?;
            let made = SetupIn {
                workspace_name: name.clone(),
                name: owner,
                email,
                password,
                time_zone: None,
                from: SessionFrom::default(),
            };
            desk.create_workspace(made, false).await.map_err(told)?;
            println!("Made the workspace {name}.");
        }
        WorkspaceAct::List => {
            for (_, id, name) in desk.db().read_root(|root| root.workspaces()).await? {
                println!("{id}  {name}");
            }
        }
    }
    Ok(())
}

/// Lists people, sets a password, or makes a link to a new one.
pub async fn user(options: Options, act: UserAct) -> anyhow::Result<()> {
    let desk = open::present(&options).await?;
    match act {
        UserAct::List => {
            for (workspace, _, name) in desk.db().read_root(|root| root.workspaces()).await? {
                println!("{name}");
                for user in desk.db().read(workspace, |scope| scope.users()).await? {
                    let active = if user.deactivated_at.is_some() { ", deactivated" } else { "" };
                    println!("  {}  {} <{}>, {}{active}", user.id, user.name, user.email, user.role);
                }
            }
        }
        UserAct::SetPassword { email } => {
            desk.set_password(&email, password()?).await.map_err(told)?;
            println!("The password of {email} is changed.");
        }
        UserAct::Reset { email } => {
            let link = desk.reset_link(&email).await.map_err(told)?;
            eprintln!("Give them this link; it works once, within an hour:");
            println!("{link}");
        }
    }
    Ok(())
}

/// Tries whether mail works.
pub async fn mail(options: Options, act: MailAct) -> anyhow::Result<()> {
    let desk = open::present(&options).await?;
    match act {
        MailAct::Test { to } => {
            desk.test_mail_to(&to).await.map_err(told)?;
            println!("The mail server took a letter to {to}. Look whether it arrives, and not among the spam.");
        }
    }
    Ok(())
}

fn password() -> anyhow::Result<String> {
    eprintln!("Password:");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the password is read from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// An error of the desk, with what is wrong in each field.
pub fn told(error: partyline_desk::DeskError) -> anyhow::Error {
    match error {
        partyline_desk::DeskError::Invalid(problems) => {
            let each: Vec<String> = problems.into_iter().map(|p| format!("{}: {}", p.field, p.detail)).collect();
            anyhow::anyhow!(each.join(" "))
        }
        other => other.into(),
    }
}
