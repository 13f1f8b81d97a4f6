"""What is bought from whom: products, suppliers, carts, purchase orders."""
