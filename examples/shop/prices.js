export const total = (order, vat) => order.items.reduce((sum, item) => sum + item.price * item.count, 0) * (1 + vat);
