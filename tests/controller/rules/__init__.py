"""The rules, family by family: what each says in a situation, and what the whole core makes of it over a day."""
