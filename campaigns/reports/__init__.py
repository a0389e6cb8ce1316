"""Funnels and figures by campaign."""
