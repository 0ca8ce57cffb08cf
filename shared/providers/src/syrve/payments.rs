//! Payments, and what of the order's sum the courier has to take.
//!
//! Syrve marks a payment by several flags. It is made already if an outside system processed it, or if it is a
//! prepayment that is no longer only planned (`isPreliminary`); a plan to pay cash at the door has neither.

use courier_domain::order::{Payment, SyrveStatus};
use rust_decimal::Decimal;

use crate::lenient::Fields;

const CASH: &str = "Cash";

/// Every payment whose sum can be read, of whatever kind.
pub(super) fn read(order: Fields) -> Vec<Payment> {
    order.list("payments").iter().map(Fields::of).filter_map(payment).collect()
}

fn payment(payment: Fields) -> Option<Payment> {
    let flag = |name: &str| payment.flag(name).unwrap_or(false);
    Some(Payment {
        kind: payment.object("paymentType").text("kind").unwrap_or_else(|| "Unknown".to_owned()),
        sum: payment.decimal("sum")?,
        processed: flag("isProcessedExternally") || (flag("isPrepay") && !flag("isPreliminary")),
    })
}

/// What the courier must take: what is neither paid nor to be paid in another way than cash, and never less than 0.
///
/// * Nothing is left of an order that is over.
/// * `paid_sum` (`processedPaymentsSum`, since POS 7.6) is what is paid; where the payments marked as processed come to
///   more, they count. An order with no payments at all is then still to be paid in full.
/// * Without it, the cash payments that are not processed are the only thing known, up to the order's sum; without
///   any payment nothing is known.
pub(super) fn to_collect(
    status: &SyrveStatus,
    total: Option<Decimal>,
    paid_sum: Option<Decimal>,
    payments: &[Payment],
) -> Option<Decimal> {
    if status.is_over() {
        return Some(Decimal::ZERO);
    }
    let sum_of = |wanted: fn(&Payment) -> bool| {
        payments
            .iter()
            .filter(|payment| wanted(payment))
            .try_fold(Decimal::ZERO, |sum, p| sum.checked_add(p.sum))
    };
    let left = match (total, paid_sum) {
        (Some(total), Some(paid_sum)) => {
            let paid = sum_of(|payment| payment.processed)?.max(paid_sum);
            let other_ways = sum_of(|payment| !payment.processed && payment.kind != CASH)?;
            total.checked_sub(paid)?.checked_sub(other_ways)?
        }
        _ if payments.is_empty() => return None,
        (total, _) => {
            let cash = sum_of(|payment| !payment.processed && payment.kind == CASH)?;
            total.map_or(cash, |total| total.min(cash))
        }
    };
    Some(left.max(Decimal::ZERO).normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pay(kind: &str, sum: i64, processed: bool) -> Payment {
        Payment { kind: kind.to_owned(), sum: Decimal::from(sum), processed }
    }

    fn collect(total: i64, paid: Option<i64>, payments: &[Payment]) -> Option<i64> {
        let status = SyrveStatus::CookingCompleted;
        let left = to_collect(&status, Some(total.into()), paid.map(Decimal::from), payments)?;
        Some(i64::try_from(left).unwrap())
    }

    #[test]
    fn cash_is_collected_and_what_is_paid_is_not() {
        assert_eq!(collect(22, Some(0), &[pay("Cash", 22, false)]), Some(22));
        assert_eq!(collect(22, Some(10), &[pay("Card", 10, true), pay("Cash", 12, false)]), Some(12));
        assert_eq!(collect(22, Some(22), &[pay("Card", 22, true)]), Some(0));
        assert_eq!(collect(22, Some(30), &[]), Some(0));
    }

    #[test]
    fn an_order_to_be_paid_by_card_is_not_collected_in_cash() {
        assert_eq!(collect(22, Some(0), &[pay("Card", 22, false)]), Some(0));
        assert_eq!(collect(22, Some(0), &[pay("Card", 22, true)]), Some(0));
        assert_eq!(collect(22, None, &[pay("Card", 22, false)]), Some(0));
    }

    #[test]
    fn what_no_payment_covers_is_collected() {
        assert_eq!(collect(22, Some(0), &[]), Some(22));
        assert_eq!(collect(22, Some(10), &[pay("Card", 10, true)]), Some(12));
    }

    #[test]
    fn a_note_larger_than_the_sum_is_change_and_not_a_debt() {
        assert_eq!(collect(22, Some(0), &[pay("Cash", 50, false)]), Some(22));
        assert_eq!(collect(22, None, &[pay("Cash", 50, false)]), Some(22));
    }

    #[test]
    fn an_old_pos_tells_only_the_planned_cash() {
        assert_eq!(collect(22, None, &[pay("Card", 10, true), pay("Cash", 12, false)]), Some(12));
        assert_eq!(collect(22, None, &[pay("Cash", 22, true)]), Some(0));
        assert_eq!(collect(22, None, &[]), None);
    }

    #[test]
    fn nothing_is_left_of_an_order_that_is_over_and_no_sum_overflows() {
        let huge = pay("Cash", 1, false);
        let huge = [Payment { sum: Decimal::MAX, ..huge.clone() }, Payment { sum: Decimal::MAX, ..huge }];
        assert_eq!(to_collect(&SyrveStatus::Cancelled, None, None, &huge), Some(Decimal::ZERO));
        assert_eq!(to_collect(&SyrveStatus::OnWay, None, None, &huge), None);
    }
}
