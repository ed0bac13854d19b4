"""Forward on draws: scores, predictors and rows that would be seen if parameters were true."""
