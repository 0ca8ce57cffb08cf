//! What an order costs and what of it the driver must take. Money is written as decimal texts of two places, without a
//! currency: Captain.AI knows the restaurant's, Syrve does not say it.
//!
//! All of it follows from what the courier must collect, which is what a driver acts on. So a card payment that is
//! announced and not yet made counts as received, because nobody at the door is to ask for it.

use courier_domain::order::{OrderDetails, Payment};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

/// The financial record; what is not known is null. Nothing is said of payment where total or collection is unknown.
pub(super) fn record(details: &OrderDetails) -> Value {
    let both = details.total.zip(details.to_collect);
    let received = both.and_then(|(total, to_collect)| total.checked_sub(to_collect));
    json!({
        "grand_total_including_tax": details.total.map(written),
        "payment_status": both.map(|(total, to_collect)| status(total, to_collect)),
        "payment_method": method(&details.payments),
        "payment_amount_received": received.map(|received| written(received.max(Decimal::ZERO))),
        "remaining_balance": details.to_collect.map(written),
    })
}

/// Of the three words only the first is published.
fn status(total: Decimal, to_collect: Decimal) -> &'static str {
    if to_collect <= Decimal::ZERO {
        "fully_paid"
    } else if to_collect >= total {
        "unpaid"
    } else {
        "partially_paid"
    }
}

/// Syrve's words for the kinds of payment, each once.
fn method(payments: &[Payment]) -> Option<String> {
    let mut kinds = Vec::new();
    for payment in payments {
        if !kinds.contains(&payment.kind.as_str()) {
            kinds.push(payment.kind.as_str());
        }
    }
    (!kinds.is_empty()).then(|| kinds.join(", "))
}

/// Two places, half a cent away from zero, and no negative zero.
pub(super) fn written(sum: Decimal) -> String {
    let sum = sum.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    format!("{:.2}", if sum.is_zero() { Decimal::ZERO } else { sum })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_two_places() {
        for (sum, text) in [
            ("22", "22.00"),
            ("17.9", "17.90"),
            ("0.005", "0.01"),
            ("-0.004", "0.00"),
            ("-3.456", "-3.46"),
            ("1234567890.12", "1234567890.12"),
        ] {
            assert_eq!(written(sum.parse().unwrap()), text);
        }
        assert_eq!(written(Decimal::MAX), "79228162514264337593543950335.00");
    }

    #[test]
    fn the_status_goes_by_what_is_to_be_collected() {
        let status = |total: i64, to_collect: i64| status(total.into(), to_collect.into());
        assert_eq!(
            [status(22, 0), status(22, 12), status(22, 22)],
            ["fully_paid", "partially_paid", "unpaid"]
        );
        assert_eq!([status(0, 0), status(10, 12), status(-5, 0)], ["fully_paid", "unpaid", "fully_paid"]);
    }

    #[test]
    fn each_kind_of_payment_is_named_once() {
        let pay = |kind: &str| Payment { kind: kind.to_owned(), sum: Decimal::ONE, processed: false };
        assert_eq!(method(&[pay("Card"), pay("Cash"), pay("Card")]).as_deref(), Some("Card, Cash"));
        assert_eq!(method(&[]), None);
    }
}
