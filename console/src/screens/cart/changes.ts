/** Changes of the cart follow each other: each is made on the version that the one before has left. */
export const CART_CHANGES = { id: "cart" } as const;
