// What a web service calls: the customer's discount comes from Python, and may take its time.
import { discountOf } from "host:customers";
import { currency, vat } from "host:settings";
import { total } from "./prices.js";

export async function bill({ customer, items }) {
  const discount = await discountOf(customer);
  const dearest = items.reduce((best, item) => (item.price > best.price ? item : best));
  return { customer, total: (total({ items }, vat) * (1 - discount)).toFixed(2), currency, dearest };
}
