"""The pages for people: the page, the API's documentation, and their parts."""
