"""Signing people in with a provider that speaks OpenID Connect: what is sent, and what of the answer is believed.

`Settings` name the provider, a `Provider` is asked, `begin` and `finish` are one sign-in, `leaving` is its end. All of it
is an ordinary call that waits: from asynchronous code, call it on a thread.
"""
