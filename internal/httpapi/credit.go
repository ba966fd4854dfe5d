package httpapi

import "net/http"

// credit answers the balance: GET /api/v1/partner-gateway/subscription/credit.
func (d *Door) credit(c *call) error {
	balance, err := d.parts.Intake.Balance(c.r.Context(), c.caller.Account.ID)
	if err != nil {
		return err
	}
	body := append([]byte(`{"credit":`), balance.Credit.String()...)
	body = append(append(body, `,"frozenCredit":`...), balance.Reserved.String()...)
	body = append(append(body, `,"availableCredit":`...), balance.Available().String()...)
	c.set("Cache-Control", "no-store")
	c.answer(http.StatusOK, jsonType, append(body, '}'))
	return nil
}
