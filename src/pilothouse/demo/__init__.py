"""Two living organisations with a year of simulated history, told through the product's own actions."""
