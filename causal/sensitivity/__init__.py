"""What the conclusion would become if an assumption changed: pure logic on draws and on the outcomes of refits."""
