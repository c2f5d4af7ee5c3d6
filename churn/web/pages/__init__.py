"""What people see: the page, the API's documentation, and what these are made of."""
