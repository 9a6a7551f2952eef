// The entry: what Python calls.
import { currency, vat } from "host:settings";
import { total } from "./prices.js";

export const bill = (order) => `${total(order, vat).toFixed(2)} ${currency}`;

// Loaded only when somebody asks for it.
export async function report(orders, done) {
  const { summary } = await import("#reports/summary.js");
  done.text = summary(orders.map(bill));
}
