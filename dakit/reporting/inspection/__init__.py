"""The page and the table that tell what data are before anyone trains on them."""
