//! Members of a tenant, as its owners change them.

use super::{Entered, Member, Role, Users};
use crate::problem::Problem;

impl Users {
    /// A member of the tenant that was entered. Accounts that are none do not exist for it.
    async fn member(&self, entered: &Entered, account: &str) -> Result<Member, Problem> {
        let members = self.members(entered.scope.tenant()).await?;
        let member = members.into_iter().find(|member| member.account == account);
        member.ok_or_else(Problem::not_found)
    }

    /// Changes the role of a member.
    ///
    /// # Errors
    ///
    /// It is no member, or not an owner who asks.
    pub async fn change_role(&self, entered: &Entered, account: &str, role: Role) -> Result<(), Problem> {
        self.member(entered, account).await?;
        entered.need_person()?;
        entered.need(Role::Owner)?;
        self.admit(entered.scope.tenant(), account, role, &entered.actor).await
    }

    /// Ends a membership.
    ///
    /// # Errors
    ///
    /// There is none, or it is not an owner who asks.
    pub async fn end_membership(&self, entered: &Entered, account: &str) -> Result<(), Problem> {
        self.member(entered, account).await?;
        entered.need_person()?;
        entered.need(Role::Owner)?;
        self.dismiss(entered.scope.tenant(), account, &entered.actor).await
    }
}
