"""Backups: one encrypted file with every row and every stored file of one moment; verified, restored, kept by policy.

After a restore nothing is sent until a person has confirmed what left in the meantime (`models.Restore`).
"""
