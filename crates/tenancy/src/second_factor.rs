//! The second factor: codes that change by time, and recovery codes for when the telephone is lost.

use crate::db::values;
use crate::entry::Action;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::limits::RECOVERY_CODES;
use crate::principal::Asker;
use crate::secret::Secret;
use crate::tenancy::Tenancy;
use crate::token::{hex, random, sha256};
use jiff::Timestamp;
use serde_json::json;
use totp_rs::{Builder, Totp};

/// Bytes of the secret that is shared with an authenticator. RFC 4226 section 4 asks for 20.
const SECRET_BYTES: usize = 20;

/// What an authenticator needs to know.
#[derive(Debug)]
pub struct Enrolment {
    /// To type in: in base32.
    pub secret: Secret,
    /// To show as a picture: `otpauth://totp/...`.
    pub url: Secret,
}

impl Tenancy {
    /// Gives the asker a secret for his authenticator. Nothing is asked for until he has
    /// [confirmed](Self::confirm_second_factor) it.
    pub async fn enrol_second_factor(&self, asker: &Asker) -> Result<Enrolment> {
        let id = asker.user()?;
        let secret = totp_rs::Secret::from(random::<SECRET_BYTES>()?.to_vec());
        let text = Secret::from(secret.to_base32());
        let built = Builder::new()
            .with_secret(secret)
            .with_account_name(asker.principal.name.as_str())
            .with_issuer(Some("Waybill"))
            .build();
        let url = built.and_then(|it| it.to_url());
        let url = url.map_err(|_| Error::Secret("no secret for an authenticator"))?;
        let sql = "UPDATE users SET factor_secret = $1, factor_step = 0 WHERE id = $2 AND factor_confirmed = 0";
        if self.db.run(sql, values![text.expose(), id.0]).await? == 0 {
            let name = asker.principal.name.clone();
            return Err(Error::Taken {
                what: "second factor",
                name,
            });
        }
        Ok(Enrolment {
            secret: text,
            url: url.into(),
        })
    }

    /// Proves that the authenticator works; from then on a code is wanted at each login. Gives the recovery codes, told
    /// this once, each good for one login.
    pub async fn confirm_second_factor(&self, asker: &Asker, code: &Secret) -> Result<Vec<Secret>> {
        let id = asker.user()?;
        self.may_try(&asker.principal.name, asker.address, asker.now)?;
        if !self.is_code(id, code, asker.now).await? {
            return Err(Error::LoginRefused);
        }
        self.throttle()
            .succeeded(&asker.principal.name, asker.address, asker.now);
        let mut change = self.change(asker).await?;
        let sql = "UPDATE users SET factor_confirmed = 1 WHERE id = $1";
        change.tx.run(sql, values![id.0]).await?;
        change
            .tx
            .run(
                "DELETE FROM recovery_codes WHERE user_id = $1",
                values![id.0],
            )
            .await?;
        let mut codes = Vec::with_capacity(RECOVERY_CODES);
        for _ in 0..RECOVERY_CODES {
            let code = Secret::from(hex(&*random::<10>()?));
            let sql = "INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2)";
            change
                .tx
                .run(sql, values![id.0, &sha256(code.expose())])
                .await?;
            codes.push(grouped(&code));
        }
        change
            .commit(Action::AddSecondFactor, asker.principal.customer, json!({}))
            .await?;
        Ok(codes)
    }

    /// Removes a second factor: one's own with a code of it, or that of a user whom the asker may manage.
    pub async fn remove_second_factor(
        &self,
        asker: &Asker,
        id: UserId,
        code: Option<&Secret>,
    ) -> Result<()> {
        if asker.user().is_ok_and(|own| own == id) {
            self.may_try(&asker.principal.name, asker.address, asker.now)?;
            let code = code.ok_or(Error::CodeWanted)?;
            if !self.is_code(id, code, asker.now).await? {
                return Err(Error::LoginRefused);
            }
            self.throttle()
                .succeeded(&asker.principal.name, asker.address, asker.now);
        } else {
            self.managed(asker, id).await?;
        }
        let mut change = self.change(asker).await?;
        let sql = "UPDATE users SET factor_secret = NULL, factor_confirmed = 0, factor_step = 0 WHERE id = $1";
        change.tx.run(sql, values![id.0]).await?;
        change
            .tx
            .run(
                "DELETE FROM recovery_codes WHERE user_id = $1",
                values![id.0],
            )
            .await?;
        change
            .commit(Action::RemoveSecondFactor, None, json!({ "user": id.0 }))
            .await
    }

    /// Whether it is a code of this user's authenticator, or a recovery code of his. Either is good once.
    pub(crate) async fn is_code(&self, id: UserId, code: &Secret, now: Timestamp) -> Result<bool> {
        let signs = code.expose().chars().filter(char::is_ascii_alphanumeric);
        let code = Secret::from(signs.map(|it| it.to_ascii_lowercase()).collect::<String>());
        if code.expose().len() != 6 {
            let sql = "DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2";
            let hash = sha256(code.expose());
            return Ok(self.db.run(sql, values![id.0, &hash]).await? > 0);
        }
        let sql = "SELECT factor_secret FROM users WHERE id = $1";
        let row = self.db.row(sql, values![id.0]).await?;
        let secret = row.map_or(Ok(None), |row| row.text_or_none(0))?;
        let Some(totp) = secret.and_then(|it| totp(it.into())) else {
            return Ok(false);
        };
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let Some(step) = totp.check(code.expose(), seconds) else {
            return Ok(false);
        };
        // RFC 6238 section 5.2: a code is good once.
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        let sql = "UPDATE users SET factor_step = $1 WHERE id = $2 AND factor_step < $1";
        Ok(self.db.run(sql, values![step, id.0]).await? > 0)
    }
}

fn totp(secret: Secret) -> Option<Totp> {
    let secret = totp_rs::Secret::try_from_base32(secret.expose()).ok()?;
    Builder::new().with_secret(secret).build().ok()
}

/// In groups of four, so that one can copy it.
fn grouped(code: &Secret) -> Secret {
    let mut text = String::with_capacity(2 * code.expose().len());
    for (at, sign) in code.expose().chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push('-');
        }
        text.push(sign);
    }
    text.into()
}
