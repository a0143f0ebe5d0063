import 'othello-lens/elements';
