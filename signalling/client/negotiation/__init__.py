"""Offers and answers: which m-section carries which track, for clients with two peer connections and with one."""
