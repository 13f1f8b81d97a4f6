"""From a forecast to advice: metrics, distributions of demand, replenishment, recommendations."""
