"""What every step needs: the application, its budget, and how long to leave alone what fails."""
