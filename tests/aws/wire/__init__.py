"""Tests of how a call that reads is sent."""
