"""The command line's words, a file a subject. A command reads its options, calls one room below and shows the answer;
it works nothing out itself.
"""
